"""Which reviews and conflicts a person may know of. Whoever has a conflict does not find the application at all."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Application, Document, ReferenceLetter
from applications.queries import blinded
from applications.states import DocumentKind, LetterState, ScanState
from common.access import scope_of
from people.models import User
from reviews.models import Conflict, Review
from reviews.rules import LIVE


@scope_of(Review)
def reviews_visible_to(user: Any) -> QuerySet[Review]:
    """Officers and auditors see every review; a reviewer her own live ones, without those of a declared conflict."""
    rows = Review.objects.select_related("application__call", "application__applicant", "reviewer")
    if user.has_perm("reviews.view_progress"):
        return rows
    conflicted = Conflict.objects.filter(application=OuterRef("application"), person=user.pk)
    return rows.filter(~Exists(conflicted), reviewer=user.pk, state__in=LIVE)


@scope_of(Conflict)
def conflicts_visible_to(user: Any) -> QuerySet[Conflict]:
    """Officers and auditors see every declared conflict, everybody her own."""
    rows = Conflict.objects.select_related("application__call", "person", "declared_by")
    return rows if user.has_perm("reviews.view_conflicts") else rows.filter(person=user.pk)


def has_conflict(user: User, application: Application) -> bool:
    """Whether `user` declared an interest in `application`."""
    return Conflict.objects.filter(application=application, person=user).exists()


def conflicted_applications(user: User) -> set[int]:
    """Primary keys of the applications in which `user` declared an interest: kept out of every list she sees."""
    return set(Conflict.objects.filter(person=user).values_list("application_id", flat=True))


def papers_of(application: Application) -> QuerySet[Document]:
    """The documents in force, without files of answers and those that a scanner is still asked about."""
    rows = application.documents.filter(is_current=True).exclude(kind=DocumentKind.ANSWER)
    return rows.exclude(scan=ScanState.WAITING).order_by("kind")


@dataclass
class Paper:
    """A document as a reviewer gets it: its text without what the law keeps from her, or the file itself.

    `is_text` tells that the file is not for her: it may show what its text does not say, such as a photograph.
    """

    document: Document
    text: str
    is_text: bool
    url: str = ""

    @property
    def key(self) -> str:
        return self.document.key


def blind_papers_of(application: Application) -> list[Paper]:
    """The documents for a reviewer. Two queries.

    Where the call lets reviewers read texts, a research plan in which nothing has to be barred is opened as a file; of
    everything else they get the text alone.
    """
    rows = list(papers_of(application))
    if not application.call.reads_texts:
        return [Paper(row, "", is_text=False) for row in rows]
    texts = blinded(row.text for row in rows)
    return [
        Paper(row, text, is_text=row.kind != DocumentKind.PLAN or not row.text or text != row.text)
        for row, text in zip(rows, texts, strict=True)
    ]


def letters_of(application: Application) -> QuerySet[ReferenceLetter]:
    """The reference letters that arrived."""
    return application.letters.filter(state=LetterState.RECEIVED).order_by("pk")


@dataclass(frozen=True)
class BlindCopy:
    """What a reviewer reads of an application's texts: what the law keeps from her is barred out."""

    title: str
    summary: str
    motivation: str
    current_position: str
    degrees: list[str]
    positions: list[str]
    publications: list[dict[str, Any]]


def blind_copy(application: Application) -> BlindCopy:
    """The texts of `application` for a reviewer; one query. Of degrees no years, of career breaks no reasons."""
    papers = application.publications_shown
    degrees = [_line(row, "degree", "field", "institution") for row in application.degrees]
    positions = [_line(row, "role", "institution", "from", "until") for row in application.employment]
    texts = (application.title, application.summary, application.motivation, application.current_position)
    plain = blinded([*texts, *degrees, *positions, *(row["title"] for row in papers)])
    title, summary, motivation, position, *lines = plain
    titles = lines[len(degrees) + len(positions) :]
    return BlindCopy(
        title=title,
        summary=summary,
        motivation=motivation,
        current_position=position,
        degrees=lines[: len(degrees)],
        positions=lines[len(degrees) : len(degrees) + len(positions)],
        publications=[{**row, "title": words} for row, words in zip(papers, titles, strict=True)],
    )


def _line(row: dict[str, str], *names: str) -> str:
    return " · ".join(row[name] for name in names if row.get(name))


def blind_letters_of(application: Application) -> list[ReferenceLetter]:
    """The letters that arrived, their texts as a reviewer may read them; not to be saved. Two queries."""
    letters = list(letters_of(application))
    for letter, text in zip(letters, blinded(letter.text for letter in letters), strict=True):
        letter.text = text
    return letters
