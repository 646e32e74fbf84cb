"""The words of an institute's offer letters: each change is a version of its own."""

from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from fellowships.letters import missing_places, unknown_places
from fellowships.models import LetterTemplate
from fellowships.queries import letter_text
from labs.models import Institute
from people.models import User


class LetterRefused(Refusal):
    words = _("Nothing is filled in for %(places)s. Take it out, or write one of the words below.")


class LetterSaysTooLittle(Refusal):
    words = _("A letter has to say these too: %(places)s.")


@action
def keep_letter(institute: Institute, text_en: str, text_ko: str, *, by: User) -> LetterTemplate | None:
    """Make these the words of the institute's letters from now on; letters that went out stay as they are.

    Refuses places that nothing is filled in for, and a letter that leaves out what it has to say. The same words once
    more change nothing.
    """
    lock(institute)
    for field, text in (("text_en", text_en), ("text_ko", text_ko)):
        if unknown := unknown_places(text):
            raise LetterRefused(field=field, places=", ".join(f"{{{word}}}" for word in unknown))
        if missing := missing_places(text):
            raise LetterSaysTooLittle(field=field, places=", ".join(f"{{{word}}}" for word in missing))
    newest = institute.letter_templates.order_by("-version").first()
    if text_en == letter_text(institute, "en") and text_ko == letter_text(institute, "ko"):
        return newest
    version = (newest.version if newest else 0) + 1
    made = LetterTemplate.objects.create(
        institute=institute, version=version, text_en=text_en, text_ko=text_ko, made_by=by
    )
    record("fellowships.letter.kept", made, by=by, after={"version": version})
    return made
