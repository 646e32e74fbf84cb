"""Writing a call's round in bulk: applicants, applications, letters, documents, screening, reviews, rank lists."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone

from applications.actions.submitting import ANSWERS, CAREER, canonical
from applications.merging import normal
from applications.models import Application, Call, CallLab, Document, ReferenceLetter, Submission
from applications.states import ApplicationState, DocumentKind, LetterState
from common.audit import entry
from common.models import AuditEntry
from common.pdf import render_pdf
from innocore.demonstration import words
from innocore.demonstration.careers import give_career
from innocore.demonstration.cast import DOMAIN, build
from innocore.demonstration.names import Name, foreign, korean
from innocore.demonstration.plan import Candidate
from outreach.models import Channel
from people.models import Consent, User
from people.queries import consent_text
from people.states import ConsentPurpose
from reviews.models import Criterion, Review, Score
from reviews.states import ReviewState

HOMES = {"domestic": "KR", "returning": "US"}
SAMPLE_DOCUMENTS = 6


def name_of(candidate: Candidate, random: Random) -> Name:
    """An invented name that fits the candidate's group."""
    return foreign(random) if candidate.group == "foreign" else korean(random)


def make_applicants(candidates: Sequence[Candidate], call: Call, random: Random) -> list[User]:
    """An account for each candidate, with her consent."""
    people = [(f"{call.code}.a{candidate.number}@{DOMAIN}", name_of(candidate, random)) for candidate in candidates]
    made = build(people, random)
    text = consent_text(ConsentPurpose.APPLICATION)
    Consent.objects.bulk_create(
        [Consent(text=text, user=user, email=user.email, given_at=call.opens_at) for user in made], batch_size=1000
    )
    return made


def _awarded_on(candidate: Candidate, call: Call, random: Random) -> date:
    year = call.opens_at.year
    if candidate.is_new_doctor:
        return date(year, random.choice((2, 8)), 20)
    return date(year - random.randint(1, 8 if not candidate.is_eligible else 4), random.choice((2, 6, 8, 12)), 15)


def application_of(
    candidate: Candidate, applicant: User, call: Call, labs: dict[str, CallLab], random: Random
) -> Application:
    """One unsaved application, submitted between the call's opening and its deadline (most of them late)."""
    first, second = words.topic(random, candidate.labs[0])
    university, country = random.choice(words.UNIVERSITIES)
    late = random.random() ** 0.35
    submitted_at = call.opens_at + (call.closes_at - call.opens_at) * late
    residence = HOMES.get(candidate.group, applicant.country.code)
    return Application(
        call=call,
        applicant=applicant,
        number=candidate.number,
        state=ApplicationState.SUBMITTED,
        version=1,
        given_name=applicant.given_name,
        family_name=applicant.family_name,
        native_name=applicant.native_name,
        citizenship=applicant.country.code,
        residence=residence,
        is_phd_expected=False,
        phd_institution=university,
        phd_country=country,
        phd_field=first,
        phd_awarded_on=_awarded_on(candidate, call, random),
        current_position=f"Researcher, {university}",
        title=random.choice(words.TITLES).format(a=first, b=second),
        summary=words.SUMMARY.format(a=first, b=second),
        motivation=words.MOTIVATION,
        earliest_start_on=call.starts_on,
        ranked_labs=[labs[code].pk for code in candidate.labs],
        has_waived_access=True,
        started_at=submitted_at - timedelta(days=random.randint(0, 9)),
        saved_at=submitted_at,
        submitted_at=submitted_at,
        receipt_sha256=hashlib.sha256(f"{call.code}-{candidate.number}".encode()).hexdigest(),
        key="".join(random.choices("23456789abcdefghjkmnpqrstuvwxyz", k=12)),
    )


def make_applications(
    candidates: Sequence[Candidate], applicants: Sequence[User], call: Call, labs: dict[str, CallLab], random: Random
) -> list[Application]:
    """The round's applications with channels and an audit entry each."""
    channels = list(Channel.objects.all())
    made = [application_of(c, a, call, labs, random) for c, a in zip(candidates, applicants, strict=True)]
    for number, application in enumerate(made):
        give_career(application, number)
        application.channel = random.choices(channels, range(len(channels), 0, -1))[0]
    Application.objects.bulk_create(made, batch_size=500)
    audit(("applications.application.submitted", row, row.applicant, row.submitted_at) for row in made)
    return made


def audit(facts: Iterable[tuple[str, Model, User | None, datetime | None]]) -> None:
    """Bulk-write audit entries: verb, subject, by whom, each with its own moment."""
    rows = []
    for verb, subject, by, at in facts:
        made = entry(verb, subject, by=by)
        made.at = at or timezone.now()
        rows.append(made)
    AuditEntry.objects.bulk_create(rows, batch_size=2000)


def sample_documents() -> list[tuple[str, str, int]]:
    """A few CVs kept once in the storage: path, hash and bytes."""
    kept = []
    for number in range(1, SAMPLE_DOCUMENTS + 1):
        data = {
            "title": f"Curriculum vitae {number}",
            "lang": "en",
            "programme": "InnoCORE",
            "sections": [
                {
                    "title": "Education",
                    "words": "Doctorate, master's and bachelor's degree in science and engineering.",
                },
                {"title": "Publications", "words": "Six papers in journals of the field, two of them as first author."},
            ],
        }
        content = render_pdf("report", data)
        sha256 = hashlib.sha256(content).hexdigest()
        path = f"documents/{sha256[:2]}/{sha256}.pdf"
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(content))
        kept.append((path, sha256, len(content)))
    return kept


def make_documents(applications: Sequence[Application], random: Random) -> None:
    """A CV for every application; many share one sample file."""
    samples = sample_documents()
    documents = []
    for application in applications:
        path, sha256, size = random.choice(samples)
        documents.append(
            Document(
                application=application,
                kind=DocumentKind.CV,
                file=path,
                name="cv.pdf",
                size=size,
                pages=1,
                sha256=sha256,
                uploaded_at=application.submitted_at or application.started_at,
            )
        )
    Document.objects.bulk_create(documents, batch_size=1000)


def make_letters(applications: Sequence[Application], random: Random, received: float = 0.97) -> None:
    """Two letters for every application, most of them received."""
    letters = []
    for application in applications:
        for position in (1, 2):
            referee = foreign(random) if random.random() < 0.5 else korean(random)
            is_here = random.random() < received
            relation = random.choice(("doctoral supervisor", "member of the thesis committee", "co-author"))
            text = random.choice(words.LETTERS).format(
                name=f"{application.given_name} {application.family_name}",
                years=random.randint(2, 7),
                relation=relation,
                share=random.choice((2, 5, 10, 20)),
            )
            letters.append(
                ReferenceLetter(
                    application=application,
                    referee_name=f"{referee.given} {referee.family}",
                    email=f"referee{position}.{application.number}.{application.call.code}@{DOMAIN}",
                    relation=relation,
                    institution=application.phd_institution,
                    link_sha256=hashlib.sha256(f"{application.key}{position}".encode()).hexdigest(),
                    state=LetterState.RECEIVED if is_here else LetterState.ASKED,
                    text=text if is_here else "",
                    asked_at=application.started_at,
                    received_at=application.submitted_at if is_here else None,
                )
            )
    ReferenceLetter.objects.bulk_create(letters, batch_size=1000)


def make_submissions(applications: Sequence[Application]) -> None:
    """What was submitted, with the hash that the receipt carries."""
    codes = dict(CallLab.objects.values_list("pk", "lab__code"))
    rows = []
    for row in applications:
        answers = {name: normal(getattr(row, name)) for name in ANSWERS}
        content = {
            "call": row.call.code,
            "number": row.number,
            "version": 1,
            "submitted_at": row.submitted_at and row.submitted_at.astimezone(UTC).isoformat(),
            "applicant": row.applicant.email,
            "answers": answers,
            "sectors": [],
            "labs": [codes[pk] for pk in row.ranked_labs],
            "documents": [],
            "referees": [],
            **{name: value for name in CAREER if (value := getattr(row, name))},
        }
        row.receipt_sha256 = hashlib.sha256(canonical(content)).hexdigest()
        rows.append(
            Submission(
                application=row,
                version=1,
                content=content,
                sha256=row.receipt_sha256,
                submitted_at=row.submitted_at or row.started_at,
            )
        )
    Submission.objects.bulk_create(rows, batch_size=500)
    Application.objects.bulk_update(applications, ["receipt_sha256"], batch_size=500)


def screen(applications: Sequence[Application], candidates: Sequence[Candidate], officer: User, at: datetime) -> None:
    """An officer's decision on each application, with its audit entry."""
    for application, candidate in zip(applications, candidates, strict=True):
        application.state = ApplicationState.ELIGIBLE if candidate.is_eligible else ApplicationState.INELIGIBLE
        application.screened_at, application.screened_by = at, officer
        application.screening_note = "" if candidate.is_eligible else "The doctorate is older than the call allows."
    Application.objects.bulk_update(
        applications, ["state", "screened_at", "screened_by", "screening_note"], batch_size=500
    )
    audit((f"applications.application.{row.state}", row, officer, at) for row in applications)


def make_reviews(
    pairs: Sequence[tuple[Application, Candidate]],
    reviewers: Sequence[User],
    criteria: Sequence[Criterion],
    random: Random,
) -> None:
    """Two submitted reviews for each eligible application, scored around the candidate's quality."""
    reviews, scores = [], []
    weights = sum(criterion.weight * criterion.most for criterion in criteria)
    for position, (application, candidate) in enumerate(pairs):
        for turn in (0, 1):
            points = [
                max(1, min(c.most, round(1 + candidate.quality * (c.most - 1) + random.gauss(0, 0.6))))
                for c in criteria
            ]
            total = sum(p * c.weight for p, c in zip(points, criteria, strict=True))
            review = Review(
                application=application,
                reviewer=reviewers[(2 * position + turn) % len(reviewers)],
                state=ReviewState.SUBMITTED,
                due_at=application.call.reviews_due_at,
                comment=random.choice(words.COMMENTS),
                total=(Decimal(100 * total) / weights).quantize(Decimal("0.01")),
                assigned_at=application.screened_at or application.started_at,
                submitted_at=application.call.reviews_due_at - timedelta(days=random.randint(0, 12)),
            )
            reviews.append(review)
            scores += [Score(review=review, criterion=c, points=p) for c, p in zip(criteria, points, strict=True)]
    Review.objects.bulk_create(reviews, batch_size=1000)
    Score.objects.bulk_create(scores, batch_size=2000)
    audit(("reviews.review.submitted", row, row.reviewer, row.submitted_at) for row in reviews)
