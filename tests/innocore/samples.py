"""A row of every kind that a page is about, out of the demonstration."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from applications.models import Application, Call, Correction, Document, ReferenceLetter
from fellowships.models import (
    Amendment,
    Appointment,
    OfferQuestion,
    OnboardingItem,
    OnboardingPaper,
    YearlyReview,
)
from funding.models import (
    Account,
    Adjustment,
    AdvanceSettlement,
    Agreement,
    Allotment,
    BankDetail,
    BankLine,
    CardCharge,
    CategoryRule,
    Claim,
    Entry,
    Evidence,
    Line,
    MatchedUse,
    MoneyRule,
    Movement,
    PayerAccount,
    PayLine,
    Payment,
    PaymentBatch,
    PayrollRun,
    Pledge,
    PledgeReceipt,
    RateTable,
    ResearchCard,
    Reversal,
    SchemeTerms,
    Settlement,
    TaxGrant,
    Tranche,
    YearChange,
)
from innocore.demonstration.cast import DOMAIN
from labs.models import Institute, Lab, PartnerOrganisation
from matching.models import (
    Couple,
    ListAmendment,
    MatchResult,
    MatchRun,
    Opening,
    Reversion,
    SeatChange,
    Supplement,
    WaveOffer,
)
from mentoring.models import Mentor, MentorAssignment
from notifications.models import Notification
from outreach.models import InformationSession
from people.actions import make_token
from people.models import RoleGrant, User
from reports.models import ReportRun
from reviews.models import Interview, InterviewPlan, Review
from tests.factories.funding import InsuranceExceptionFactory, PurchaseRequestFactory, SeveranceFactory

PAPER = {"name": "degree.pdf", "size": 1, "pages": 1, "sha256": "0" * 64}


def one_of(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")


def a_correction() -> Correction:
    return Correction.objects.create(
        application=Application.objects.get(applicant=one_of("candidate")),
        fields=["title"],
        note="The title is cut.",
        until=timezone.now() + timedelta(days=1),
        asked_by=one_of("officer"),
    )


def an_opening(code: str) -> Opening:
    return Opening.objects.get(call_lab__lab__code=code, call_lab__call__state="review")


def a_change_of_seats() -> SeatChange:
    opening = an_opening("LLM")
    return SeatChange.objects.create(
        call=opening.call_lab.call, opening=opening, values={"seats": 5}, reason="A test.", asked_by=one_of("officer")
    )


def a_reversal() -> Reversal:
    """Of an allotment of KAIST."""
    allotment = Allotment.objects.filter(agreement__institute__code="KAIST").first()
    entry = Entry.objects.get(event=f"allotment:{allotment.key}")
    return Reversal.objects.create(entry=entry, reason="A test.", asked_by=one_of("finance"))


def a_reversion() -> Reversion:
    giver, taker = an_opening("LLM"), an_opening("MFG")
    return Reversion.objects.create(giver=giver, taker=taker, seats=1, offered_by=one_of("head"))


def an_amendment() -> ListAmendment:
    rank_list = an_opening("LLM").rank_list
    return ListAmendment.objects.create(rank_list=rank_list, reason="A test.", asked_by=one_of("officer"))


def an_offer_in_a_wave() -> WaveOffer:
    result = MatchResult.objects.get(application__applicant=one_of("fellow"), run__state="published")
    now = timezone.now()
    found = Supplement.objects.create(run=result.run, wishes_due_at=now, first_wave_at=now, opened_by=one_of("officer"))
    lab = result.run.call.call_labs.first()
    return WaveOffer.objects.create(supplement=found, wave=1, result=result, call_lab=lab, closes_at=now)


SAMPLES: dict[str, Any] = {
    "Account": lambda: Account.objects.filter(lab__code="LLM", offer=None).first(),
    "Adjustment": lambda: Adjustment.objects.first(),
    "AdvanceSettlement": lambda: AdvanceSettlement.objects.first(),
    "Agreement": lambda: Agreement.objects.filter(institute__code="KAIST").first(),
    "ApiToken": lambda: make_token(one_of("officer"), "a test", ["calls:read"], 30, by=one_of("officer"))[0],
    "Application": lambda: Application.objects.get(applicant=one_of("candidate")),
    "Amendment": lambda: Amendment.objects.filter(appointment__fellow=one_of("fellow")).first(),
    "Appointment": lambda: Appointment.objects.get(fellow=one_of("fellow")),
    "BankDetail": lambda: BankDetail.objects.filter(user=one_of("fellow")).first(),
    "BankLine": lambda: BankLine.objects.filter(state="unmatched").first(),
    "Call": lambda: Call.objects.get(state="review"),
    "Claim": lambda: Claim.objects.filter(appointment__fellow=one_of("fellow")).first(),
    "Couple": lambda: Couple.objects.create(
        first=Application.objects.get(applicant=one_of("candidate")), email="nobody@example.org"
    ),
    "Correction": lambda: Correction.objects.first() or a_correction(),
    "Document": lambda: Document.objects.filter(application__applicant=one_of("candidate")).first(),
    "Entry": lambda: Line.objects.filter(account__offer__appointment__fellow=one_of("fellow")).first().entry,
    "Evidence": lambda: Evidence.objects.filter(claim__appointment__fellow=one_of("fellow")).first(),
    "InformationSession": lambda: InformationSession.objects.first(),
    "Institute": lambda: Institute.objects.get(code="KAIST"),
    "Lab": lambda: Lab.objects.get(code="LLM"),
    "ListAmendment": an_amendment,
    "MatchRun": lambda: MatchRun.objects.get(state="published"),
    "MatchedUse": lambda: MatchedUse.objects.first(),
    "CategoryRule": lambda: CategoryRule.objects.filter(confirmed_at=None).first(),
    "MoneyRule": lambda: MoneyRule.objects.filter(confirmed_at=None).first(),
    "Movement": lambda: Movement.objects.first(),
    "Mentor": lambda: Mentor.objects.get(user=one_of("mentor")),
    "MentorAssignment": lambda: MentorAssignment.objects.filter(mentor__user=one_of("mentor"), ends_on=None).first(),
    "Notification": lambda: Notification.objects.filter(to=one_of("fellow"), is_secret=False).first(),
    "Offer": lambda: one_of("fellow").appointments.get().offer,
    "OfferQuestion": lambda: OfferQuestion.objects.create(
        offer=one_of("fellow").appointments.get().offer, text="A flat?"
    ),
    "OnboardingItem": lambda: OnboardingItem.objects.filter(appointment__fellow=one_of("fellow")).first(),
    "OnboardingPaper": lambda: OnboardingPaper.objects.create(
        item=OnboardingItem.objects.filter(appointment__fellow=one_of("fellow")).first(),
        uploaded_by=one_of("fellow"),
        **PAPER,
    ),
    "Opening": lambda: an_opening("LLM"),
    "PartnerOrganisation": lambda: PartnerOrganisation.objects.first(),
    "PayerAccount": lambda: PayerAccount.objects.get(institute__code="KAIST"),
    "Severance": lambda: SeveranceFactory(appointment=Appointment.objects.filter(lab__code="LLM").latest("pk")),
    "PayLine": lambda: PayLine.objects.filter(appointment__fellow=one_of("fellow")).first(),
    "Payment": lambda: Payment.objects.filter(batch__institute__code="KAIST").first(),
    "PaymentBatch": lambda: PaymentBatch.objects.filter(institute__code="KAIST").first(),
    "PayrollRun": lambda: PayrollRun.objects.filter(institute__code="KAIST").first(),
    "Pledge": lambda: Pledge.objects.first(),
    "PledgeReceipt": lambda: PledgeReceipt.objects.filter(confirmed_at=None).first(),
    "CardCharge": lambda: CardCharge.objects.filter(state="open", card__appointment__fellow=one_of("fellow")).first(),
    "ResearchCard": lambda: ResearchCard.objects.first(),
    "InsuranceException": lambda: InsuranceExceptionFactory(appointment=one_of("fellow").appointments.get()),
    "RateTable": lambda: RateTable.objects.first(),
    "PurchaseRequest": lambda: PurchaseRequestFactory(appointment=one_of("fellow").appointments.get()),
    "ReferenceLetter": lambda: ReferenceLetter.objects.filter(application__applicant=one_of("candidate")).first(),
    "ReportRun": lambda: ReportRun.objects.create(kind="programme", requested_by=one_of("ministry")),
    "Reversal": a_reversal,
    "Reversion": a_reversion,
    "Interview": lambda: Interview.objects.get(application__applicant=one_of("candidate")),
    "InterviewPlan": lambda: InterviewPlan.objects.get(),
    "Review": lambda: Review.objects.filter(reviewer=one_of("reviewer"), state="open").first(),
    "RoleGrant": lambda: RoleGrant.objects.get(user=one_of("head")),
    "YearlyReview": lambda: YearlyReview.objects.get(appointment__fellow=one_of("fellow")),
    "SeatChange": a_change_of_seats,
    "SchemeTerms": lambda: SchemeTerms.objects.filter(confirmed_at=None).first(),
    "Settlement": lambda: Settlement.objects.first(),
    "TaxGrant": lambda: TaxGrant.objects.first(),
    "Tranche": lambda: Tranche.objects.first(),
    "YearChange": lambda: YearChange.objects.first(),
    "WaveOffer": an_offer_in_a_wave,
}
