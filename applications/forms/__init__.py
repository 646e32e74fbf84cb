"""Forms of this room."""

from applications.forms.calls import CallForm
from applications.forms.corrections import AskCorrectionForm, CorrectionForm, correctable
from applications.forms.letters import (
    DeclineForm,
    FindLinkForm,
    LetterForm,
    LetterSubmitForm,
    RefereeForm,
)
from applications.forms.questions import CopyCallForm, FormSectionForm, PreviewForm, QuestionForm, QuestionsForm
from applications.forms.screening import DecisionForm, ScreeningFilters, TogetherForm
from applications.forms.sections import SECTION_FORMS, LabsForm, SectionForm, rearranged
from applications.forms.submitting import StartForm, VerifyForm, WithdrawForm
from applications.forms.uploads import DocumentForm, PdfField, UploadForm

__all__ = [
    "SECTION_FORMS",
    "AskCorrectionForm",
    "CallForm",
    "CopyCallForm",
    "CorrectionForm",
    "DecisionForm",
    "DeclineForm",
    "DocumentForm",
    "FindLinkForm",
    "FormSectionForm",
    "LabsForm",
    "LetterForm",
    "LetterSubmitForm",
    "PdfField",
    "PreviewForm",
    "QuestionForm",
    "QuestionsForm",
    "RefereeForm",
    "ScreeningFilters",
    "SectionForm",
    "StartForm",
    "TogetherForm",
    "UploadForm",
    "VerifyForm",
    "WithdrawForm",
    "correctable",
    "rearranged",
]
