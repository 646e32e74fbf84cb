"""Partners of labs, information sessions with registrations, campaigns."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from innocore.demonstration.cast import DOMAIN
from innocore.demonstration.names import foreign, korean
from labs.models import Lab, LabMember, LabPartner, PartnerOrganisation
from labs.states import Duty, OrganisationKind
from outreach.models import Campaign, Channel, InformationSession, Registration
from outreach.states import RegistrationState, SessionState
from people.models import Consent, User
from people.queries import consent_text
from people.states import ConsentPurpose

PARTNERS: Final = (
    ("Haedal Robotics", "해달로보틱스", "industry", "KR"), ("Onnuri Mobility", "온누리모빌리티", "industry", "KR"),
    ("Byeolmuri Energy", "별무리에너지", "industry", "KR"), ("Saessak Bio", "새싹바이오", "industry", "KR"),
    ("Institute of Advanced Computing", "첨단계산연구원", "public", "KR"),
    ("National Laboratory of New Materials", "신소재국립연구소", "public", "KR"),
    ("Harbourside University", "하버사이드대학교", "academia", "US"),
    ("Institute of Technology Nordhavn", "노르하운공과대학", "academia", "DK"),
    ("Tokiwa University", "도키와대학", "academia", "JP"), ("Lindental Research Society", "린덴탈연구협회", "public", "DE"),
    ("Penhaven Aerospace", "펜헤이븐에어로스페이스", "industry", "US"), ("Qinghe Systems", "칭허시스템즈", "industry", "SG"),
)  # fmt: skip
COMING: Final = (
    ("Singapore", "싱가포르", "SG", "Asia/Singapore", 12),
    ("Paris", "파리", "FR", "Europe/Paris", 19),
)
CAMPAIGNS: Final = (
    ("linkedin-autumn", "LinkedIn, autumn", "linkedin", 12_000_000),
    ("nature-careers", "Nature careers page", "nature", 31_000_000),
    ("science-careers", "Science careers page", "science", 28_000_000),
    ("kosen-mail", "KOSEN members' mail", "kosen", 2_500_000),
    ("ksea-chapters", "Chapters of the Korean associations", "ksea", 4_000_000),
)


def join_partners(cast: dict[str, User], heads: dict[str, User], random: Random) -> None:
    """Four partners for each lab, and its head and two members among its people."""
    partners = PartnerOrganisation.objects.bulk_create(
        [
            PartnerOrganisation(name_en=en, name_ko=ko, kind=OrganisationKind(kind), country=country)
            for en, ko, kind, country in PARTNERS
        ]
    )
    members = []
    for lab in Lab.objects.order_by("pk"):
        chosen = random.sample(partners, 4)
        LabPartner.objects.bulk_create(
            [LabPartner(lab=lab, organisation=row, starts_on=date(2025, 7, 1)) for row in chosen]
        )
        head = heads[lab.code]
        people: list[tuple[User | None, str, str, Duty]] = [(head, head.name, head.native_name, Duty.HEAD)]
        people += [(None, f"{n.given} {n.family}", n.native, Duty.MEMBER) for n in (korean(random), korean(random))]
        members += [
            LabMember(lab=lab, user=user, name_en=en, name_ko=ko or en, duty=duty, starts_on=date(2025, 7, 1))
            for user, en, ko, duty in people
        ]
    LabMember.objects.bulk_create(members)


def announce(cast: dict[str, User], today: date, random: Random) -> None:
    """Sessions that were held and that come, with registrations by channel and campaign."""
    campaigns = _campaigns(today)
    coming = [
        InformationSession(
            city_en=en, city_ko=ko, country=country, timezone=zone, capacity=80, state=SessionState.OPEN,
            starts_at=datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC),
            ends_at=datetime(day.year, day.month, day.day, 11, 0, tzinfo=UTC),
        )
        for en, ko, country, zone, days in COMING
        for day in (today + timedelta(days=days),)
    ]  # fmt: skip
    InformationSession.objects.bulk_create(coming)
    for session in InformationSession.objects.filter(starts_at__isnull=False):
        _register(session, campaigns, random)


def _campaigns(today: date) -> list[Campaign]:
    channels = {row.code: row for row in Channel.objects.all()}
    return Campaign.objects.bulk_create(
        [
            Campaign(
                channel=channels[channel], code=code, name=name, cost_krw=cost,
                starts_on=today - timedelta(days=40), ends_on=today + timedelta(days=20),
            )
            for code, name, channel, cost in CAMPAIGNS
        ]
    )  # fmt: skip


def _register(session: InformationSession, campaigns: list[Campaign], random: Random) -> None:
    was_held = session.state == SessionState.HELD
    text = consent_text(ConsentPurpose.SESSION)
    people = [foreign(random) if random.random() < 0.5 else korean(random) for _each in range(62 if was_held else 34)]
    emails = [f"visitor{number}.{session.pk}@{DOMAIN}" for number, _person in enumerate(people, start=1)]
    consents = Consent.objects.bulk_create([Consent(text=text, email=email) for email in emails])
    rows = []
    for person, consent in zip(people, consents, strict=True):
        campaign = random.choices([*campaigns, None], (9, 5, 4, 3, 2, 6))[0]
        rows.append(
            Registration(
                session=session, name=f"{person.given} {person.family}", email=consent.email, consent=consent,
                institution="", field="", campaign=campaign, channel=campaign.channel if campaign else None,
                state=RegistrationState.ATTENDED if was_held and random.random() < 0.7 else RegistrationState.REGISTERED,
            )
        )  # fmt: skip
    Registration.objects.bulk_create(rows)
