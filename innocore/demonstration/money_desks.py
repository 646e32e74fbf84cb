"""Work that waits on every desk of money: a question, an advance, a return, movements, a pledge, a year's end."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from common.crypto import decrypt
from fellowships.models import Appointment
from funding import cardfile
from funding.actions import (
    adjustments,
    answers,
    bank_details,
    cards,
    claims,
    matched,
    movements,
    rules,
    schemes,
    settlements,
    spending_rules,
    years,
)
from funding.bankanswers import Message, Told
from funding.models import (
    Account,
    Agreement,
    ClaimCategory,
    MatchedUse,
    MatchScheme,
    PayerAccount,
    Payment,
    Pledge,
)
from funding.queries.cards import charges_to_account
from funding.states import (
    AccountKind,
    ClaimKind,
    MatchedPays,
    MessageKind,
    MovementKind,
    PaymentState,
    SpendingRule,
)
from labs.models import Institute, Lab, PartnerOrganisation
from people.models import User

PAPER = b"%PDF-1.4 paper of the demonstration "


def fill(appointments: Sequence[Appointment], cast: dict[str, User], day: date) -> None:
    """One of each thing that may wait for somebody, at KAIST."""
    institute = Institute.objects.get(code="KAIST")
    her = next(row for row in appointments if row.fellow == cast["fellow"])
    _claims(her, cast, day)
    _cards(her, cast, day)
    _statement(institute, cast["finance4"], day)
    _pay(her, appointments, cast, day)
    _budget(institute, cast, day)
    _pledge(institute, cast, day)


def _receipt(words: str) -> claims.Receipt:
    return claims.Receipt("receipt.pdf", PAPER + words.encode(), "application/pdf")


def _claims(her: Appointment, cast: dict[str, User], day: date) -> None:
    fellow, activities = her.fellow, ClaimCategory.objects.get(code="activities")
    plan = {row.pk: 12_000_000 for row in ClaimCategory.objects.filter(code__in=["activities", "materials"])}
    claims.keep_plan(her, day.year, plan, by=fellow)
    claims.record_rate("USD", day - timedelta(days=3), 14_012_500, "Invented for the demonstration", by=cast["finance"])
    abroad = claims.Draft(activities, 0, day - timedelta(days=2), "Registration for a conference", "USD", 65_000)
    asked = claims.submit_claim(her, abroad, [_receipt("abroad")], by=fellow)
    claims.return_claim(asked, by=cast["finance"], question="Which conference, and on which days?")
    ahead = claims.Draft(activities, 900_000, day, "Field trip to Busan", kind=ClaimKind.ADVANCE)
    advance = claims.approve_claim(claims.submit_claim(her, ahead, [], by=fellow), by=cast["finance"])
    batch = claims.release_claims(her.institute, by=cast["finance3"])
    paid = [answers.Answer(row.reference, True) for row in batch.payments.all()]
    answers.record_answers(batch, paid, by=cast["finance4"])
    advance.refresh_from_db()
    claims.settle_advance(advance, [_receipt("trip")], by=fellow, spent_krw=780_000, words="Train and two nights")


def _cards(her: Appointment, cast: dict[str, User], day: date) -> None:
    """A card in the fellow's hands: one charge accounted for, one that waits, one that the merchant cancelled."""
    materials = ClaimCategory.objects.get(code="materials")
    since = max(her.starts_on, day - timedelta(days=40))
    cards.give_card(her, by=cast["finance"], issuer="BC", last_four="4471", given_on=since)
    made = [("30000101", 12, "한빛문고", 64_800), ("30000102", 6, "Seoul Components", 318_000)]
    made += [("30000103", 5, "Daejeon Hotel", 142_000), ("30000103", 4, "Daejeon Hotel", -142_000)]
    lines = [f"4471,{code},{day - timedelta(days=ago)},{shop},{won}" for code, ago, shop, won in made]
    text = "\n".join(["card,approval,used_on,merchant,amount_krw", *lines])
    cards.enter_card_statement(her.institute, cardfile.read(text.encode()), by=cast["finance"], name="bc-card.csv")
    book = charges_to_account(her).earliest("used_on")
    draft = claims.Draft(materials, 0, book.used_on, "A textbook on diffusion models", charge=book)
    claims.approve_claim(claims.submit_claim(her, draft, [_receipt("book")], by=her.fellow), by=cast["finance"])


def _statement(institute: Institute, by: User, day: date) -> None:
    """A statement with interest that nothing explains, and one salary that came back."""
    payer = PayerAccount.objects.get(institute=institute)
    back = Payment.objects.filter(batch__institute=institute, state=PaymentState.PAID, pay_line__isnull=False).last()
    told = [Told("", False, 1_234_500, "예금이자", day, "DEMO-1")]
    if back is not None:
        told.append(Told(back.reference, False, back.amount_krw, "AC04 account closed", day, "DEMO-2"))
    text = f"Demonstration {day}"
    total = sum(row.amount_krw or 0 for row in told)
    message = Message(
        MessageKind.CAMT_053, "DEMO", tuple(told), hashlib.sha256(text.encode()).hexdigest(), text,
        account=decrypt(payer.number_sealed), opening_krw=0, closing_krw=total,
    )  # fmt: skip
    answers.enter_statement(institute, message, by=by)


def _pay(her: Appointment, appointments: Sequence[Appointment], cast: dict[str, User], day: date) -> None:
    month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    adjustments.enter_adjustment(
        her, by=cast["finance"], month=month, code="arrears", amount_krw=150_000, reason="A raise came late"
    )
    at_kaist = [row for row in appointments if row.institute == her.institute and row != her]
    foreign = next((row for row in at_kaist if row.offer.application.citizenship.code != "KR"), None)
    if foreign is not None:
        adjustments.ask_for_grant(
            foreign.fellow, by=foreign.fellow, kind="foreign-researcher", from_on=foreign.starts_on, until_on=None,
            country="", article="", paper="Certificate of employment as a researcher",
        )  # fmt: skip
    if at_kaist:
        number = "11022233344455"
        bank_details.enter_bank_detail(
            at_kaist[0].fellow,
            by=at_kaist[0].fellow,
            holder=str(at_kaist[0].fellow)[:150],
            bank_code="088",
            number=number,
        )
    rules.enter_rule("cooling_off_change_days", month, 5, "Proposal of the finance desk: five days", by=cast["finance"])
    said = spending_rules.Said(
        4_000_000, "", "Above this a second person approves.", "이 금액을 넘으면 두 번째 사람이 승인합니다.",
        "Proposal of the finance desk: four million",
    )  # fmt: skip
    activities = ClaimCategory.objects.get(code="activities")
    spending_rules.enter_spending_rule(activities, SpendingRule.ONE_APPROVAL, month, said, by=cast["finance"])
    joint = MatchScheme.objects.get(code="joint-research")
    terms = schemes.Terms(
        100, 300_000_000, 50, [MatchedPays.EQUIPMENT], "Proposal of the finance desk: a higher ceiling"
    )
    schemes.enter_terms(joint, month, terms, by=cast["finance"])


def _budget(institute: Institute, cast: dict[str, User], day: date) -> None:
    free = Account.objects.filter(kind=AccountKind.LAB, lab__institute=institute, fiscal_year=day.year)
    richest = free.filter(balance_krw__gt=0).select_related("lab").order_by("-balance_krw", "pk").first()
    labs = Lab.objects.filter(institute=institute).order_by("pk")
    other = next((row for row in labs if richest and row.pk != richest.lab_id), None)
    if richest and other:
        amount = min(20_000_000, richest.balance_krw // 2)
        wish = movements.Wish(
            MovementKind.TRANSFER, day.year, amount, "Shared computing time", from_lab=richest.lab, to_lab=other
        )
        movements.ask_movement(institute, wish, by=cast["finance"])
    agreed = Agreement.objects.filter(institute=institute).order_by("-fiscal_year").first()
    if agreed is not None:
        half = agreed.amount_krw // 2
        for due_month, amount in ((2, half), (7, agreed.amount_krw - half)):
            due_on = date(agreed.fiscal_year, due_month, 15)
            movements.plan_tranche(agreed, by=cast["ministry"], due_on=due_on, amount_krw=amount)
    settlements.submit_settlement(institute, 2025, by=cast["finance"], note="The first half year of the programme.")
    years.ask_year(2025, by=cast["finance"], to="closed", reason="The year is settled with the ministry.")


def _pledge(institute: Institute, cast: dict[str, User], day: date) -> None:
    richest = Account.objects.filter(kind=AccountKind.LAB, fiscal_year=day.year, lab__institute=institute)
    pot = richest.select_related("lab").latest("balance_krw")
    lab = pot.lab
    pledge = matched.enter_pledge(
        Pledge(
            partner=PartnerOrganisation.objects.order_by("pk")[0], lab=lab,
            scheme=MatchScheme.objects.get(code="joint-research"), kind="cash", amount_krw=100_000_000,
            what_for="A joint study of language models for safety", starts_on=date(day.year, 1, 1),
            ends_on=date(day.year + 1, 12, 31),
        ),
        by=cast["finance"],
    )  # fmt: skip
    matched.agree_pledge(pledge, by=cast["finance2"], paper="Agreement of 3 January, invented")
    # its public match is taken from what the lab has left
    came_krw = min(10_000_000, pot.balance_krw)
    paper = matched.Paper("transfer.pdf", PAPER + b"cash")
    came = matched.enter_receipt(pledge, by=cast["finance"], received_on=day, amount_krw=came_krw, paper=paper)
    matched.confirm_receipt(came, by=cast["finance2"])
    paper = matched.Paper("second.pdf", PAPER + b"second")
    matched.enter_receipt(pledge, by=cast["finance"], received_on=day, amount_krw=5_000_000, paper=paper)
    use = MatchedUse(
        pledge=pledge,
        pays=MatchedPays.EQUIPMENT,
        used_on=day,
        amount_krw=came_krw // 2,
        reason="A recording studio's microphone",
    )
    matched.ask_use(use, by=cast["finance"])
