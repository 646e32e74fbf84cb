"""A call with the labs on offer; an application with its ranked labs, documents and reference letters."""

from applications.models.applications import Application, Document, Submission, document_path, latin_and_own
from applications.models.calls import Call, CallLab
from applications.models.corrections import Correction
from applications.models.late import LateAccess
from applications.models.letters import AssistantLink, FreeMailDomain, PastLink, ReferenceLetter, Waiver
from applications.models.questions import BlindWord, EligibilityRule, FormSection, FormVersion, Question

__all__ = [
    "Application",
    "AssistantLink",
    "BlindWord",
    "Call",
    "CallLab",
    "Correction",
    "Document",
    "EligibilityRule",
    "FormSection",
    "FormVersion",
    "FreeMailDomain",
    "LateAccess",
    "PastLink",
    "Question",
    "ReferenceLetter",
    "Submission",
    "Waiver",
    "document_path",
    "latin_and_own",
]
