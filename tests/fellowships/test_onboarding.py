"""Onboarding: the list of each case, who does and confirms what, its days, its papers, its reminders."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.actions import CheckedFile
from common.pdf import render_pdf
from common.refusals import IllegalMove, Refusal, SamePersonTwice
from fellowships import actions
from fellowships.models import OnboardingItem, OnboardingPaper
from fellowships.onboarding import demands, demands_of
from fellowships.queries.onboarding import cases_of, late_visa_of
from fellowships.states import ItemState, VisaKind
from fellowships.tasks import keep_terms, remind, scan
from notifications.models import Notification

FOREIGN_ONLY = {"employment_certificate", "visa", "arrival", "alien_registration"}


def pdf() -> bytes:
    return render_pdf("report", {"title": "Paper", "lang": "en", "programme": "x", "sections": []})


def checked(name: str = "paper.pdf", sha256: str = "a" * 64, scan: str = "none") -> CheckedFile:
    return CheckedFile(SimpleUploadedFile(name, b"%PDF-1.4"), name, 8, 1, sha256, scan)


@pytest.fixture
def items(appointment: Any) -> dict[str, OnboardingItem]:
    """The checklist of a foreign fellow, by code."""
    appointment.offer.application.citizenship = "IN"
    appointment.offer.application.save()
    actions.begin_onboarding(appointment, by=None)
    return {row.code: row for row in appointment.onboarding.all()}


def test_each_case_has_its_list() -> None:
    foreign = {each.code for each in demands_of(is_foreign=True)}
    korean = {each.code for each in demands_of(is_foreign=False)}
    assert foreign - korean == FOREIGN_ONLY
    assert korean < foreign
    assert "visa_notice" not in foreign
    for each in demands().values():
        assert all((each.title_en, each.title_ko, each.why_en, each.why_ko, each.source)), each.code
        assert bool(each.text_en) == bool(each.text_ko)
        assert each.owner in {"fellow", "officer"}


def test_days_count_back_from_the_first_day_and_on_from_arrival(appointment: Any, items: Any, fellow: Any) -> None:
    assert items["visa"].due_on == appointment.starts_on - timedelta(days=21)
    assert items["alien_registration"].due_on == appointment.starts_on + timedelta(days=90)
    actions.say_day(items["arrival"], date(2026, 7, 20), by=fellow)
    items["alien_registration"].refresh_from_db()
    assert items["alien_registration"].due_on == date(2026, 10, 18)
    assert actions.begin_onboarding(appointment, by=None) == []


HANDED_WRONGLY = [
    ("degree", {}, "Choose the file"),
    ("visa", {"day": date(2026, 7, 1)}, "Choose the file"),
    ("arrival", {}, "Say the day"),
    ("ethics", {}, "Tick the box"),
    ("insurance", {}, "nothing for you to hand in"),
]


@pytest.mark.parametrize(("code", "given", "words"), HANDED_WRONGLY)
def test_what_cannot_be_handed_in_so(items: Any, fellow: Any, code: str, given: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        actions.hand_in(items[code], by=fellow, **given)


def test_consent_keeps_the_hash_of_its_text(items: Any, fellow: Any) -> None:
    item = actions.hand_in(items["personal_data"], by=fellow, agrees=True)
    assert item.agreed_sha256 == demands()["personal_data"].text_sha256 != demands()["ethics"].text_sha256


def test_confirming_takes_somebody_else(items: Any, fellow: Any, officer: Any) -> None:
    item = items["degree"]
    with pytest.raises(Refusal, match="not handed this in"):
        actions.confirm_item(item, by=officer)
    actions.hand_in(item, by=fellow, paper=checked())
    with pytest.raises(SamePersonTwice):
        actions.confirm_item(item, by=fellow)
    with pytest.raises(Refusal, match="reason"):
        actions.return_item(item, by=officer, note=" ")
    actions.return_item(item, by=officer, note="The second page is missing.")
    assert Notification.objects.get(kind="onboarding_returned").to == fellow
    actions.hand_in(item, by=fellow, paper=checked(sha256="b" * 64))
    assert actions.confirm_item(item, by=officer) == actions.confirm_item(item, by=officer)
    assert item.papers.count() == 2
    assert item.papers.get(is_current=True).sha256 == "b" * 64
    with pytest.raises(IllegalMove):
        actions.hand_in(item, by=fellow, paper=checked(sha256="c" * 64))


def test_officers_own_part(items: Any, officer: Any) -> None:
    assert actions.confirm_item(items["security"], by=officer).state == ItemState.CONFIRMED
    with pytest.raises(Refusal, match="Choose the file"):
        actions.confirm_item(items["employment_certificate"], by=officer)
    done = actions.confirm_item(items["employment_certificate"], by=officer, paper=checked())
    assert done.confirmed_by == officer
    with pytest.raises(Refusal, match="reason"):
        actions.waive_item(items["housing"], by=officer, note="")
    assert actions.waive_item(items["housing"], by=officer, note="Lives here.").state == ItemState.NOT_NEEDED


def test_who_needs_no_visa_has_less_to_do(appointment: Any, items: Any, officer: Any, fellow: Any) -> None:
    actions.choose_visa(appointment, VisaKind.HAS_RIGHT, by=officer)
    states = dict(appointment.onboarding.filter(code__in=FOREIGN_ONLY).values_list("code", "state"))
    assert set(states.values()) == {ItemState.NOT_NEEDED}
    actions.choose_visa(appointment, VisaKind.E3, by=officer)
    items["visa"].refresh_from_db()
    assert items["visa"].state == ItemState.OPEN
    actions.hand_in(items["visa"], by=fellow, paper=checked())
    actions.confirm_item(items["visa"], by=officer)
    with pytest.raises(Refusal, match="confirmed already"):
        actions.choose_visa(appointment, VisaKind.E1, by=officer)


def test_late_visa_is_told_to_every_officer(appointment: Any, items: Any, fellow: Any, officer: Any) -> None:
    late = appointment.starts_on + timedelta(days=20)
    actions.say_day(items["visa"], late, by=fellow)
    actions.say_day(items["visa"], late, by=fellow)
    assert late_visa_of(appointment) == late
    assert Notification.objects.get(kind="visa_late").to == officer
    actions.say_day(items["visa"], appointment.starts_on, by=fellow)
    assert late_visa_of(appointment) is None


def test_reminders_come_once_a_week_and_only_of_what_is_due(appointment: Any, items: Any, fellow: Any) -> None:
    told = []
    for before in (100, 58, 57, 50):
        with time_machine.travel(f"{appointment.starts_on - timedelta(days=before)}T03:00Z"):
            remind()
        told.append(Notification.objects.filter(kind="onboarding_due", to=fellow).count())
    assert told[0] == 0
    assert told[1:] in ([1, 1, 2], [1, 2, 3])
    first = Notification.objects.filter(kind="onboarding_due").order_by("pk")[0]
    assert "Proof of the doctorate" in first.context["lines"]
    assert "Housing" not in first.context["lines"]


def test_nothing_hangs_on_a_scanner_that_is_away(items: Any, fellow: Any, officer: Any, client_of: Any) -> None:
    actions.hand_in(items["degree"], by=fellow, paper=checked(scan="waiting"))
    paper = OnboardingPaper.objects.get()
    assert client_of(officer).get(reverse("fellowships:paper", args=[paper.key])).status_code == 404
    scan()
    paper.refresh_from_db()
    assert paper.scan == "waiting"
    keep_terms()


def test_pages_of_fellow_and_officer(appointment: Any, items: Any, fellow: Any, officer: Any, client_of: Any) -> None:
    hers, theirs = client_of(fellow), client_of(officer)
    page = reverse("fellowships:onboarding", args=[appointment.key])
    hand_in = reverse("fellowships:hand_in", args=[items["degree"].key])
    decide = reverse("fellowships:decide_item", args=[items["degree"].key])
    assert "Proof of the doctorate" in hers.get(page).content.decode()
    assert hers.post(hand_in, {}).status_code == 409
    wrong = SimpleUploadedFile("degree.pdf", b"no pdf at all", content_type="application/pdf")
    assert hers.post(hand_in, {"file": wrong}).status_code == 422
    right = SimpleUploadedFile("degree.pdf", pdf(), content_type="application/pdf")
    assert hers.post(hand_in, {"file": right}).status_code == 302
    assert "degree.pdf" in theirs.get(page).content.decode()
    assert theirs.post(decide, {"verb": "return", "note": ""}).status_code == 409
    assert theirs.post(decide, {"verb": "confirm"}).status_code == 302
    paper = reverse("fellowships:paper", args=[OnboardingPaper.objects.get().key])
    assert b"".join(hers.get(paper)).startswith(b"%PDF")  # type: ignore[arg-type]
    day = {"verb": "day", "expected_on": f"{appointment.starts_on + timedelta(days=9):%Y-%m-%d}"}
    assert hers.post(reverse("fellowships:hand_in", args=[items["visa"].key]), day).status_code == 302
    assert "The visa comes late" in theirs.get(page).content.decode()
    visa = reverse("fellowships:visa", args=[appointment.key])
    assert theirs.post(visa, {"visa_kind": "E-1"}).status_code == 302
    appointment.refresh_from_db()
    assert appointment.visa_kind == "E-1"


ROUTES = [
    ("onboarding", lambda items: items["degree"].appointment.key),
    ("visa", lambda items: items["degree"].appointment.key),
    ("hand_in", lambda items: items["degree"].key),
    ("decide_item", lambda items: items["degree"].key),
]


@pytest.mark.parametrize(("name", "key"), ROUTES)
def test_nobody_else_sees_a_checklist(
    items: Any, name: str, key: Any, stranger: Any, other_officer: Any, lab_head: Any, finance_officer: Any,
    ministry: Any, client_of: Any,
) -> None:  # fmt: skip
    address = reverse(f"fellowships:{name}", args=[key(items)])
    for person in (stranger, other_officer, lab_head, finance_officer, ministry):
        assert client_of(person).post(address).status_code in {403, 404}, person
        assert client_of(person).get(address).status_code in {302, 403, 404}, person


def test_papers_are_private(
    items: Any, fellow: Any, stranger: Any, lab_head: Any, other_officer: Any, client_of: Any
) -> None:
    actions.hand_in(items["degree"], by=fellow, paper=checked())
    address = reverse("fellowships:paper", args=[OnboardingPaper.objects.get().key])
    for person in (stranger, lab_head, other_officer):
        assert client_of(person).get(address).status_code == 404
    assert b"".join(client_of(fellow).get(address)) == b"%PDF-1.4"  # type: ignore[arg-type]


def test_fellow_does_not_decide_nor_officer_hand_in(items: Any, fellow: Any, officer: Any, client_of: Any) -> None:
    decide = reverse("fellowships:decide_item", args=[items["degree"].key])
    hand_in = reverse("fellowships:hand_in", args=[items["degree"].key])
    assert client_of(fellow).post(decide, {"verb": "confirm"}).status_code == 403
    assert client_of(officer).post(hand_in, {}).status_code == 403


def test_cases_cost_the_same(
    appointment: Any, items: Any, officer: Any, fellow: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    client = client_of(officer)
    with django_assert_num_queries(5):
        shown = client.get(reverse("fellowships:cases"))
    assert fellow.full_name in shown.content.decode()
    assert client_of(fellow).get(reverse("fellowships:cases")).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(days=4000)):
        assert cases_of(officer).get().overdue == 12
