"""A refusal is a rule's answer to a person: a name for the code, words for her, nothing written."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type_words = str | Promise


class Refusal(Exception):
    """An action declined. `words` are fit for a person; `field` names the form field they belong beside, if any."""

    words: ClassVar[type_words] = _("This cannot be done.")

    def __init__(self, words: type_words | None = None, *, field: str | None = None, **values: Any) -> None:
        self.said = self.words if words is None else words
        self.field = field
        self.values = values
        super().__init__(words)

    def __str__(self) -> str:
        text = str(self.said)
        return text % self.values if self.values else text


class IllegalMove(Refusal):
    """The table of moves does not lead from this state to that one."""

    words = _("This step is no longer possible: it is now “%(state)s”. Reload the page to see where things stand.")


class SamePersonTwice(Refusal):
    """Separation of duties: one person may not hold two of the duties of one gesture."""

    words = _("Another person must do this: you did an earlier step of the same matter.")


class NotConfigured(Refusal):
    """What is not configured refuses; it never waves through."""

    words = _("This is not configured yet, so it cannot go ahead: %(what)s.")


class OutOfDate(Refusal):
    """Somebody changed the row since this page was shown."""

    words = _("Someone changed this while you were looking at it. Reload the page, then decide again.")
