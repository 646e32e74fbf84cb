"""Terms of schemes of matched money: dated, entered by one, confirmed by another; a pledge keeps those of its day."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.refusals import NotConfigured, SamePersonTwice
from funding.actions import matched
from funding.actions.rules import RuleStands
from funding.actions.schemes import Terms, confirm_terms, enter_terms
from funding.models import MatchedUse, MatchScheme, Pledge, SchemeTerms
from funding.queries.matched import terms_of
from innocore.reference import load_reference
from tests.factories.funding import MatchSchemeFactory, SchemeTermsFactory
from tests.factories.labs import PartnerOrganisationFactory

JUNE = date(2026, 6, 1)
TERMS = Terms(20, 1_000, 0, ["secondment"], "Notice 12")


@pytest.fixture
def scheme(db: None) -> MatchScheme:
    made: MatchScheme = MatchSchemeFactory()
    return made


def pledge_of(scheme: MatchScheme, lab: Any, starts_on: date) -> Pledge:
    return Pledge.objects.create(
        partner=PartnerOrganisationFactory(), lab=lab, scheme=scheme, kind="cash", amount_krw=200, what_for="sensors",
        starts_on=starts_on, ends_on=date(2027, 12, 31),
    )  # fmt: skip


def test_pledge_keeps_the_terms_of_its_first_day(
    scheme: MatchScheme, lab: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    before, after = (pledge_of(scheme, lab, day) for day in (date(2026, 5, 31), JUNE))
    entered = enter_terms(scheme, JUNE, TERMS, by=finance_officer)
    assert terms_of(after).ratio_percent == 50
    with pytest.raises(SamePersonTwice):
        confirm_terms(entered, by=finance_officer)
    with pytest.raises(IntegrityError, match="need_another"), transaction.atomic():
        SchemeTermsFactory(scheme=scheme, from_on=JUNE.replace(day=2), entered_by=finance_officer,
                           confirmed_by=finance_officer)  # fmt: skip
    confirm_terms(entered, by=second_finance_officer)
    assert (terms_of(before).ratio_percent, terms_of(after).ratio_percent) == (50, 20)
    use = MatchedUse(pledge=after, pays="equipment", used_on=JUNE, amount_krw=1, reason="a robot")
    with pytest.raises(matched.PledgeRefused, match="does not pay that"):
        matched.ask_use(use, by=finance_officer)


def test_confirmed_terms_stand(scheme: MatchScheme, finance_officer: Any, second_finance_officer: Any) -> None:
    enter_terms(scheme, JUNE, TERMS, by=second_finance_officer)
    terms = enter_terms(scheme, JUNE, TERMS, by=finance_officer)
    assert (scheme.terms.filter(from_on=JUNE).count(), terms.entered_by) == (1, finance_officer)
    confirm_terms(terms, by=second_finance_officer)
    with pytest.raises(RuleStands):
        enter_terms(scheme, JUNE, TERMS, by=finance_officer)
    with pytest.raises(IntegrityError, match="what is confirmed stands"), transaction.atomic():
        SchemeTerms.objects.filter(pk=terms.pk).update(ceiling_krw=10**9)


def test_no_pledge_is_agreed_before_terms_are_confirmed(lab: Any, finance_officer: Any) -> None:
    load_reference()
    assert set(SchemeTerms.objects.values_list("confirmed_at", flat=True)) == {None}
    pledge = pledge_of(MatchScheme.objects.get(code="joint-research"), lab, JUNE)
    with pytest.raises(NotConfigured, match="terms of"):
        matched.agree_pledge(pledge, by=finance_officer, paper="No 1")
    number = SchemeTerms.objects.count()
    load_reference()
    assert SchemeTerms.objects.count() == number


def test_pages_of_terms(
    scheme: MatchScheme, lab: Any, finance_officer: Any, second_finance_officer: Any, auditor: Any, stranger: Any,
    admin_person: Any, client_of: Any,
) -> None:  # fmt: skip
    here, asks, confirms = "/money/rules/schemes/", client_of(finance_officer), client_of(second_finance_officer)
    form = {
        "scheme": scheme.pk, "from_on": "2026-06-01", "ratio_percent": "20", "ceiling_krw": "123456789",
        "in_kind_counts_percent": "0", "pays": ["secondment"], "source": "Notice 12",
    }  # fmt: skip
    assert asks.post(here, {**form, "pays": []}).status_code == 422
    assert client_of(auditor).post(here, form).status_code == 200
    assert not SchemeTerms.objects.filter(from_on=JUNE).exists()
    assert asks.post(here, form).status_code == 302
    terms = SchemeTerms.objects.get(from_on=JUNE)
    confirm = f"{here}{terms.pk}/confirm/"
    assert client_of(auditor).post(confirm).status_code == 403
    assert client_of(stranger).get(here).status_code == 403
    assert asks.post(confirm).status_code == 409
    assert confirms.post(confirm).status_code == 302
    assert asks.post(here, form).status_code == 409
    page = client_of(auditor).get(here).content.decode()
    assert "₩123,456,789" in page
    assert "Enter terms" not in page
    early = pledge_of(scheme, lab, date(2024, 1, 1))
    assert "no terms are confirmed" in asks.get(f"/matched/{early.key}/").content.decode()
    assert "no terms are confirmed" in asks.get(f"/matched/statement/{early.token}/").content.decode()
    desk = client_of(admin_person)
    assert desk.post(f"/admin/funding/schemeterms/{terms.pk}/change/", {"ceiling_krw": "1"}).status_code == 403
    assert "ceiling" not in desk.get(f"/admin/funding/matchscheme/{scheme.pk}/change/").content.decode()
