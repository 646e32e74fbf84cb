"""Calls, labs on offer, applications, documents, letters."""

import hashlib
from datetime import date, timedelta

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from applications.models import Application, Call, CallLab, Document, FormSection, Question, ReferenceLetter
from applications.states import ApplicationState, CallState, DocumentKind
from tests.factories.base import RowFactory
from tests.factories.labs import LabFactory, ProgrammeFactory
from tests.factories.people import UserFactory


class CallFactory(RowFactory):
    class Meta:
        model = Call

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"call-{n}")
    name_en = factory.LazyAttribute(lambda made: f"Call {made.code}")
    name_ko = factory.LazyAttribute(lambda made: f"공고 {made.code}")
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=5))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=25))
    letters_due_at = factory.LazyAttribute(lambda made: made.closes_at + timedelta(days=7))
    reviews_due_at = factory.LazyAttribute(lambda made: made.closes_at + timedelta(days=30))
    ranks_due_at = factory.LazyAttribute(lambda made: made.closes_at + timedelta(days=40))
    decisions_on = factory.LazyAttribute(lambda made: (made.closes_at + timedelta(days=50)).date())
    starts_on = date(2027, 1, 1)
    term_months = 12
    salary_krw_a_year = 90_000_000
    research_fund_krw_a_year = 60_000_000
    state = CallState.PUBLISHED


class CallLabFactory(RowFactory):
    class Meta:
        model = CallLab

    call = factory.SubFactory(CallFactory)
    lab = factory.SubFactory(LabFactory)
    seats_announced = 2


class ApplicationFactory(RowFactory):
    """A submitted application; `DraftFactory` makes one that is being written."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    call = factory.SubFactory(CallFactory)
    applicant = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: n + 1)
    state = ApplicationState.SUBMITTED
    version = 1
    given_name = factory.LazyAttribute(lambda made: made.applicant.given_name)
    family_name = factory.LazyAttribute(lambda made: made.applicant.family_name)
    native_name = factory.LazyAttribute(lambda made: made.applicant.native_name)
    citizenship = "KR"
    residence = "US"
    phd_institution = "Example University"
    phd_country = "US"
    phd_field = "Computer science"
    phd_awarded_on = date(2024, 6, 1)
    title = "A question worth asking"
    summary = "What we would like to know, and how we would find out."
    motivation = "These labs have what it takes."
    has_waived_access = True
    submitted_at = factory.LazyFunction(timezone.now)
    receipt_sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())


class DraftFactory(ApplicationFactory):
    number = None
    state = ApplicationState.DRAFT
    version = 0
    submitted_at = None
    receipt_sha256 = ""


class EligibleFactory(ApplicationFactory):
    state = ApplicationState.ELIGIBLE
    screened_at = factory.LazyFunction(timezone.now)


class DocumentFactory(RowFactory):
    class Meta:
        model = Document

    application = factory.SubFactory(ApplicationFactory)
    kind = DocumentKind.CV
    name = "cv.pdf"
    size = 12
    pages = 1
    sha256 = factory.Sequence(lambda n: hashlib.sha256(f"document {n}".encode()).hexdigest())
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.7 cv\n", name="cv.pdf"))


class ReferenceLetterFactory(RowFactory):
    class Meta:
        model = ReferenceLetter

    application = factory.SubFactory(ApplicationFactory)
    referee_name = factory.Sequence(lambda n: f"Referee {n}")
    email = factory.Sequence(lambda n: f"referee{n}@example.org")
    relation = "Supervisor"
    institution = "Example University"
    link_sha256 = factory.Sequence(lambda n: hashlib.sha256(f"link {n}".encode()).hexdigest())


class FormSectionFactory(RowFactory):
    class Meta:
        model = FormSection

    call = factory.SubFactory(CallFactory)
    name_en = "Your plans"
    name_ko = "계획"


class QuestionFactory(RowFactory):
    """A short question that everybody reads, composed and not in force."""

    class Meta:
        model = Question

    section = factory.SubFactory(FormSectionFactory)
    call = factory.SelfAttribute("section.call")
    code = factory.Sequence(lambda n: f"question_{n}")
    kind = "short"
    label_en = factory.LazyAttribute(lambda made: f"Question {made.code}")
    label_ko = factory.LazyAttribute(lambda made: f"질문 {made.code}")
    seen_by = ("officer", "reviewer", "lab")
