"""Loading reference data that comes with the application: programme, labs, channels, sessions, consents, rates."""

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings

from applications.actions import load_blind_words, load_free_mail
from common.gestures import gesture
from funding.actions.claims import load_categories
from funding.actions.rates import load_rates
from funding.actions.rules import load_rules
from funding.actions.schemes import load_schemes
from funding.actions.spending_rules import load_spending_rules
from funding.actions.years import load_chart
from labs.actions import load_programme
from outreach.actions import load_outreach
from people.actions import load_consent_texts


def _read(*parts: str) -> dict[str, Any]:
    return tomllib.loads(Path(settings.BASE_DIR, *parts).read_text(encoding="utf-8"))


def load_reference() -> None:
    """Load everything; what is there stays. Loading twice is loading once."""
    data = _read("labs", "data", "programme.toml")
    with gesture():
        load_programme(data, by=None)
        load_outreach(data, by=None)
        load_consent_texts(_read("people", "data", "consents.toml")["consent"], by=None)
        load_blind_words(_read("applications", "data", "blind-words.toml")["word"], by=None)
        load_free_mail(_read("applications", "data", "free-mail.toml")["domain"], by=None)
        load_categories(_read("funding", "data", "claim-categories.toml")["category"], by=None)
        load_spending_rules(_read("funding", "data", "category-rules.toml")["rule"], by=None)
        load_rates(by=None)
        load_schemes(_read("funding", "data", "match-schemes.toml")["scheme"], by=None)
        load_chart(_read("funding", "data", "chart-of-accounts.toml")["line"], by=None)
        load_rules(_read("funding", "data", "money-rules.toml")["rule"], by=None)
