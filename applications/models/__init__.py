"""A call with the labs on offer; an application with its ranked labs, documents and reference letters."""

from applications.models.applications import Application, Document, Submission, document_path, latin_and_own
from applications.models.calls import Call, CallLab
from applications.models.letters import PastLink, ReferenceLetter

__all__ = [
    "Application",
    "Call",
    "CallLab",
    "Document",
    "PastLink",
    "ReferenceLetter",
    "Submission",
    "document_path",
    "latin_and_own",
]
