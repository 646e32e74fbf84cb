"""The demonstration's cast: one person for each role with work waiting, and the many who fill the programme."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from innocore.demonstration.names import Name, foreign, korean
from labs.models import Institute, Lab
from people.models import Place, RoleGrant, User
from people.states import Role

PASSWORD: Final = "innocore-demo"
DOMAIN: Final = "innocore.example"
FIRST_DAY: Final = date(2025, 6, 1)


@dataclass(frozen=True)
class Part:
    """One person of the cast: address, names, roles with the code of their place, and the words that present her."""

    mailbox: str
    name: Name
    roles: tuple[tuple[str, str], ...]
    words: str


CAST: Final = (
    Part("officer", Name("Haneul", "Seo", "서하늘", "KR"), ((Role.PROGRAMME_OFFICER, "KAIST"),), "programme officer, KAIST"),
    Part("officer2", Name("Dohun", "Min", "민도훈", "KR"), ((Role.PROGRAMME_OFFICER, "KAIST"),), "second officer, KAIST"),
    Part("officer.unist", Name("Yeri", "Ma", "마예리", "KR"), ((Role.PROGRAMME_OFFICER, "UNIST"),), "programme officer, UNIST"),
    Part("officer.gist", Name("Jua", "Pyo", "표주아", "KR"), ((Role.PROGRAMME_OFFICER, "GIST"),), "programme officer, GIST"),
    Part("officer.dgist", Name("Siu", "Gye", "계시우", "KR"), ((Role.PROGRAMME_OFFICER, "DGIST"),), "programme officer, DGIST"),
    Part("finance", Name("Boram", "Eom", "엄보람", "KR"), tuple((Role.FINANCE_OFFICER, c) for c in ("KAIST", "GIST", "DGIST", "UNIST")), "finance officer (prepares)"),
    Part("finance2", Name("Garam", "Do", "도가람", "KR"), tuple((Role.FINANCE_OFFICER, c) for c in ("KAIST", "GIST", "DGIST", "UNIST")), "finance officer (approves)"),
    Part("finance3", Name("Sandeul", "Bok", "복산들", "KR"), tuple((Role.FINANCE_OFFICER, c) for c in ("KAIST", "GIST", "DGIST", "UNIST")), "finance officer (releases)"),
    Part("finance4", Name("Byeol", "Ban", "반별", "KR"), tuple((Role.FINANCE_OFFICER, c) for c in ("KAIST", "GIST", "DGIST", "UNIST")), "finance officer (enters the bank's answers)"),
    Part("finance5", Name("Nuri", "Yeo", "여누리", "KR"), tuple((Role.FINANCE_OFFICER, c) for c in ("KAIST", "GIST", "DGIST", "UNIST")), "finance officer (confirms bank accounts)"),
    Part("head", Name("Taeyang", "Geum", "금태양", "KR"), ((Role.LAB_HEAD, "LLM"),), "lab head, LLM"),
    Part("reviewer", Name("Ingrid", "Solheim", "", "NO"), ((Role.REVIEWER, ""),), "reviewer"),
    Part("mentor", Name("Raon", "Tak", "탁라온", "KR"), ((Role.MENTOR, ""),), "mentor"),
    Part("ministry", Name("Narae", "Maeng", "맹나래", "KR"), ((Role.MINISTRY, ""),), "ministry staff"),
    Part("auditor", Name("Iseul", "Seon", "선이슬", "KR"), ((Role.AUDITOR, ""),), "auditor"),
    Part("admin", Name("Byeori", "Ok", "옥벼리", "KR"), ((Role.ADMIN, ""),), "administrator"),
    Part("applicant", Name("Amara", "Lindqvist", "", "SE"), (), "applicant with a draft"),
    Part("fellow", Name("Sebin", "Chu", "추세빈", "KR"), (), "fellow in the LLM lab"),
    Part("candidate", Name("Danbi", "Hyeon", "현단비", "KR"), (), "applicant in the call under review"),
    Part("offered", Name("Anjali", "Verghese", "", "IN"), (), "candidate with an offer to answer"),
)  # fmt: skip
JOINED_LATER: Final = 1  # so many of the last draw apart, so that everybody else stays who she was


def build(people: list[tuple[str, Name]], random: Random, *, language: str = "") -> list[User]:
    """Bulk-make accounts for `people` (address, name); nobody but the cast has a password."""
    users = [
        User(
            email=email,
            given_name=name.given,
            family_name=name.family,
            native_name=name.native,
            language=language or ("ko" if name.country == "KR" else "en"),
            country=name.country,
            timezone="Asia/Seoul" if name.country == "KR" else "America/New_York",
            password="!" + "".join(random.choices("abcdefghjkmnpqrstuvwxyz", k=30)),
            key="".join(random.choices("23456789abcdefghjkmnpqrstuvwxyz", k=12)),
        )
        for email, name in people
    ]
    return User.objects.bulk_create(users, batch_size=1000)


def make_cast(random: Random) -> dict[str, User]:
    """The cast by mailbox, with roles and the demonstration's password; their addresses are verified."""
    people = [(f"{part.mailbox}@{DOMAIN}", part.name) for part in CAST]
    users = [*build(people[:-JOINED_LATER], random), *build(people[-JOINED_LATER:], Random(JOINED_LATER))]
    by_mailbox = {part.mailbox: user for part, user in zip(CAST, users, strict=True)}
    give_password(users)
    admin, grants = by_mailbox["admin"], []
    places = {place.code: place for place in Place.objects.all()}
    for part in CAST:
        user = by_mailbox[part.mailbox]
        by = None if part.mailbox == "admin" else admin
        grants += [
            RoleGrant(user=user, role=role, place=places.get(code), starts_on=FIRST_DAY, granted_by=by)
            for role, code in part.roles
        ]
    RoleGrant.objects.bulk_create(grants)
    return by_mailbox


def give_password(users: list[User]) -> None:
    """Let `users` sign in with the demonstration's password."""
    hashed = make_password(PASSWORD, salt="demonstration")
    User.objects.filter(pk__in=[user.pk for user in users]).update(password=hashed)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users]
    )


def fill_roles(random: Random, role: str, number: int, by: User, place: Place | None = None) -> list[User]:
    """`number` invented people who hold `role`."""
    who = f"{role}{'.' + place.code.lower() if place else ''}"
    people = [
        (f"{who}{index}@{DOMAIN}", korean(random) if random.random() < 0.6 else foreign(random))
        for index in range(1, number + 1)
    ]
    users = build(people, random)
    RoleGrant.objects.bulk_create(
        [RoleGrant(user=user, role=role, place=place, starts_on=FIRST_DAY, granted_by=by) for user in users]
    )
    return users


def heads_of(cast: dict[str, User], random: Random) -> dict[str, User]:
    """A head for every lab, by the lab's code; that of LLM is of the cast."""
    heads = {"LLM": cast["head"]}
    for lab in Lab.objects.exclude(code="LLM").select_related("place"):
        heads[lab.code] = fill_roles(random, Role.LAB_HEAD, 1, cast["admin"], lab.place)[0]
    return heads


def officers_by_institute(cast: dict[str, User]) -> dict[str, User]:
    """A programme officer for each institute's code."""
    named = {"KAIST": "officer", "UNIST": "officer.unist", "GIST": "officer.gist", "DGIST": "officer.dgist"}
    return {institute.code: cast[named[institute.code]] for institute in Institute.objects.all()}
