"""A call with the labs on offer; an application with its ranked labs, documents and reference letters."""

from applications.models.applications import Application, Document, Submission, document_path, latin_and_own
from applications.models.calls import Call, CallLab
from applications.models.corrections import Correction
from applications.models.letters import PastLink, ReferenceLetter
from applications.models.questions import BlindWord, FormSection, FormVersion, Question

__all__ = [
    "Application",
    "BlindWord",
    "Call",
    "CallLab",
    "Correction",
    "Document",
    "FormSection",
    "FormVersion",
    "PastLink",
    "Question",
    "ReferenceLetter",
    "Submission",
    "document_path",
    "latin_and_own",
]
