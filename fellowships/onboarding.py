"""What a new fellow's case asks for: data with sources, counted back from the first day. Pure."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).resolve().parent / "data" / "onboarding.toml"
FOREIGN, KOREAN, ALL = "foreign", "korean", "all"
FELLOW, OFFICER = "fellow", "officer"
END = "end"
VISA, ARRIVAL, REGISTRATION, CERTIFICATE = "visa", "arrival", "alien_registration", "employment_certificate"
BY_VISA: Final = (VISA, ARRIVAL, REGISTRATION, CERTIFICATE)


@dataclass(frozen=True)
class Demand:
    """One thing of the checklist. `days` counts from the first day of work, or from the `counts_from` day."""

    code: str
    whom: str
    owner: str
    days: int
    takes_paper: bool
    title_en: str
    title_ko: str
    why_en: str
    why_ko: str
    source: str
    counts_from: str = ""
    asks_day: bool = False
    text_en: str = ""
    text_ko: str = ""

    def due_on(self, starts_on: date, arrives_on: date | None) -> date:
        """The day by which it is due."""
        first = arrives_on if self.counts_from == ARRIVAL and arrives_on else starts_on
        return first + timedelta(days=self.days)

    @property
    def text_sha256(self) -> str:
        """The hash of what is agreed to, in both languages."""
        return hashlib.sha256(f"{self.text_en}\n{self.text_ko}".encode()).hexdigest()


@cache
def demands() -> dict[str, Demand]:
    """Everything that the list can ask for, by code, in its order."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))["item"]
    made = [Demand(whom=row.pop("for"), **row) for row in rows]
    return {each.code: each for each in made}


def demands_of(*, is_foreign: bool) -> list[Demand]:
    """What the case of a Korean or of a foreign national asks for."""
    cases = {ALL, FOREIGN if is_foreign else KOREAN}
    return [each for each in demands().values() if each.whom in cases]
