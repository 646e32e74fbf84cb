"""A draft that lacks nothing, and the texts that an applicant consents to."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from pypdf import PdfWriter

from people.states import ConsentPurpose
from tests.factories.applications import DocumentFactory, DraftFactory, ReferenceLetterFactory
from tests.factories.people import ConsentTextFactory


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def texts(db: None) -> list[Any]:
    purposes = (ConsentPurpose.APPLICATION, ConsentPurpose.THIRD_PARTY, ConsentPurpose.ABROAD)
    return [ConsentTextFactory(purpose=purpose) for purpose in purposes]


@pytest.fixture
def draft(applicant: Any, call: Any, call_lab: Any) -> Any:
    """The applicant's draft, from which nothing is missing."""
    row = DraftFactory(applicant=applicant, call=call, ranked_labs=[call_lab.pk], phd_awarded_on=date(2024, 6, 1))
    DocumentFactory(application=row)
    for number in range(call.letters_needed):
        ReferenceLetterFactory(application=row, email=f"professor{number}@example.edu")
    return row


def pdf(pages: int = 1, name: str = "cv.pdf") -> SimpleUploadedFile:
    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(200, 200)
    made = io.BytesIO()
    writer.write(made)
    return SimpleUploadedFile(name, made.getvalue(), content_type="application/pdf")
