"""Forms of this room."""

from applications.forms.calls import CallForm
from applications.forms.letters import (
    DeclineForm,
    FindLinkForm,
    LetterForm,
    LetterSubmitForm,
    RefereeForm,
)
from applications.forms.screening import DecisionForm, ScreeningFilters
from applications.forms.sections import SECTION_FORMS, LabsForm, SectionForm, rearranged
from applications.forms.submitting import StartForm, VerifyForm, WithdrawForm
from applications.forms.uploads import DocumentForm, PdfField, UploadForm

__all__ = [
    "SECTION_FORMS",
    "CallForm",
    "DecisionForm",
    "DeclineForm",
    "DocumentForm",
    "FindLinkForm",
    "LabsForm",
    "LetterForm",
    "LetterSubmitForm",
    "PdfField",
    "RefereeForm",
    "ScreeningFilters",
    "SectionForm",
    "StartForm",
    "UploadForm",
    "VerifyForm",
    "WithdrawForm",
    "rearranged",
]
