"""Forms of this room."""

from applications.forms.calls import CallForm, LateAccessForm, LateCodeForm
from applications.forms.corrections import AskCorrectionForm, CorrectionForm, correctable
from applications.forms.letters import (
    ByHandForm,
    DeclineForm,
    FindLinkForm,
    HandInForm,
    LetterForm,
    LetterSubmitForm,
    RefereeForm,
)
from applications.forms.publications import PublicationForm, PublicationsForm
from applications.forms.questions import (
    CopyCallForm,
    FormSectionForm,
    PreviewForm,
    QuestionForm,
    QuestionsForm,
    RuleForm,
)
from applications.forms.screening import DecisionForm, ScreeningFilters, TogetherForm
from applications.forms.sections import SECTION_FORMS, LabsForm, SectionForm, rearranged
from applications.forms.submitting import StartForm, VerifyForm, WithdrawForm
from applications.forms.uploads import DocumentForm, PdfField, UploadForm

__all__ = [
    "SECTION_FORMS",
    "AskCorrectionForm",
    "ByHandForm",
    "CallForm",
    "CopyCallForm",
    "CorrectionForm",
    "DecisionForm",
    "DeclineForm",
    "DocumentForm",
    "FindLinkForm",
    "FormSectionForm",
    "HandInForm",
    "LabsForm",
    "LateAccessForm",
    "LateCodeForm",
    "LetterForm",
    "LetterSubmitForm",
    "PdfField",
    "PreviewForm",
    "PublicationForm",
    "PublicationsForm",
    "QuestionForm",
    "QuestionsForm",
    "RefereeForm",
    "RuleForm",
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
