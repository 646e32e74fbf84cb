"""States of calls, applications and reference letters, and the kinds of document."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallState(models.TextChoices):
    DRAFT = "draft", _("Being prepared")
    PUBLISHED = "published", _("Published")
    REVIEW = "review", _("Under review")
    FINISHED = "finished", _("Finished")


CALL_COLOURS: Final[dict[str, str]] = {
    CallState.DRAFT: "neutral",
    CallState.PUBLISHED: "success",
    CallState.REVIEW: "info",
    CallState.FINISHED: "neutral",
}
CALL_MOVES: Final[dict[str, frozenset[str]]] = {
    CallState.DRAFT: frozenset({CallState.PUBLISHED}),
    CallState.PUBLISHED: frozenset({CallState.REVIEW}),
    CallState.REVIEW: frozenset({CallState.FINISHED}),
    CallState.FINISHED: frozenset(),
}


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ELIGIBLE = "eligible", _("Eligible")
    INELIGIBLE = "ineligible", _("Not eligible")
    WITHDRAWN = "withdrawn", _("Withdrawn")


APPLICATION_COLOURS: Final[dict[str, str]] = {
    ApplicationState.DRAFT: "neutral",
    ApplicationState.SUBMITTED: "info",
    ApplicationState.ELIGIBLE: "success",
    ApplicationState.INELIGIBLE: "danger",
    ApplicationState.WITHDRAWN: "neutral",
}
APPLICATION_MOVES: Final[dict[str, frozenset[str]]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.SUBMITTED: frozenset(
        {
            ApplicationState.DRAFT,
            ApplicationState.ELIGIBLE,
            ApplicationState.INELIGIBLE,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.ELIGIBLE: frozenset({ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN}),
    ApplicationState.INELIGIBLE: frozenset({ApplicationState.ELIGIBLE, ApplicationState.SUBMITTED}),
    ApplicationState.WITHDRAWN: frozenset(),
}


class DocumentKind(models.TextChoices):
    CV = "cv", _("Curriculum vitae")
    PLAN = "plan", _("Research plan")
    DEGREE = "degree", _("Proof of degree")
    ANSWER = "answer", _("File of an answer")


# what every call takes; a file of an answer belongs to a question
FIXED_KINDS: Final = (DocumentKind.CV, DocumentKind.PLAN, DocumentKind.DEGREE)


class ScanState(models.TextChoices):
    """What a malware scanner said of a file."""

    NONE = "none", _("Not scanned")
    CLEAN = "clean", _("Scanned")
    WAITING = "waiting", _("Is being checked")
    INFECTED = "infected", _("Holds malware")


class CorrectionState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    ANSWERED = "answered", _("Put right")
    CLOSED = "closed", _("Closed without an answer")


CORRECTION_COLOURS: Final[dict[str, str]] = {
    CorrectionState.ASKED: "warning",
    CorrectionState.ANSWERED: "success",
    CorrectionState.CLOSED: "neutral",
}
CORRECTION_MOVES: Final[dict[str, frozenset[str]]] = {
    CorrectionState.ASKED: frozenset({CorrectionState.ANSWERED, CorrectionState.CLOSED}),
    CorrectionState.ANSWERED: frozenset(),
    CorrectionState.CLOSED: frozenset(),
}


class QuestionKind(models.TextChoices):
    """What kind of answer a call's own question takes."""

    SHORT = "short", _("Short text")
    LONG = "long", _("Long text")
    CHOICE = "choice", _("One of a list")
    CHOICES = "choices", _("Several of a list")
    YES_NO = "yes_no", _("Yes or no")
    NUMBER = "number", _("Number")
    DATE = "date", _("Day")
    COUNTRY = "country", _("Country")
    TABLE = "table", _("Table of rows")
    FILE = "file", _("File")


class RuleKind(models.TextChoices):
    """What an eligibility rule of a call looks at, besides the doctorate, the documents and the letters."""

    CITIZENSHIP = "citizenship", _("Citizenship")
    RESIDENCE = "residence", _("Country of residence")
    START = "start", _("Earliest start")
    ANSWER = "answer", _("Answer to a question of the call")


class Audience(models.TextChoices):
    """Who besides the applicant reads an answer."""

    OFFICER = "officer", _("Officers")
    REVIEWER = "reviewer", _("Reviewers")
    LAB = "lab", _("Labs")


class BlindGround(models.TextChoices):
    """What reviewers must not learn (the law on blind hiring in public bodies)."""

    SEX = "sex", _("Sex")
    AGE = "age", _("Age")
    BIRTHPLACE = "birthplace", _("Birthplace")
    FAMILY = "family", _("Family")
    APPEARANCE = "appearance", _("Appearance")


class LetterState(models.TextChoices):
    ASKED = "asked", _("Asked")
    OPENED = "opened", _("Opened by the referee")
    DECLINED = "declined", _("Declined")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("No longer asked for")


LETTER_COLOURS: Final[dict[str, str]] = {
    LetterState.ASKED: "neutral",
    LetterState.OPENED: "info",
    LetterState.DECLINED: "warning",
    LetterState.RECEIVED: "success",
    LetterState.CANCELLED: "neutral",
}
LETTER_MOVES: Final[dict[str, frozenset[str]]] = {
    LetterState.ASKED: frozenset(
        {LetterState.OPENED, LetterState.DECLINED, LetterState.RECEIVED, LetterState.CANCELLED}
    ),
    LetterState.OPENED: frozenset({LetterState.DECLINED, LetterState.RECEIVED, LetterState.CANCELLED}),
    LetterState.DECLINED: frozenset({LetterState.OPENED, LetterState.RECEIVED, LetterState.CANCELLED}),
    LetterState.RECEIVED: frozenset({LetterState.RECEIVED}),
    LetterState.CANCELLED: frozenset(),
}


class Section(models.TextChoices):
    """The sections of an application, in the order in which they are filled in."""

    ABOUT = "about", _("About you")
    DOCTORATE = "doctorate", _("Doctorate")
    CAREER = "career", _("Degrees and positions")
    PUBLICATIONS = "publications", _("Publications")
    RESEARCH = "research", _("Research")
    LABS = "labs", _("Labs")
    QUESTIONS = "questions", _("Questions of this call")
    DOCUMENTS = "documents", _("Documents")
    REFEREES = "referees", _("Referees")
    REVIEW = "review", _("Review and submit")

    @property
    def following(self) -> "Section":
        """The section that comes next; the last one follows itself."""
        order = list(Section)
        return order[min(order.index(self) + 1, len(order) - 1)]
