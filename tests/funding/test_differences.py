"""The preview says what differs from last month and why, person by person; whoever approves can open each."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funding.actions import adjustments, payroll
from funding.models import PayItem, PayLine, RateTable, TaxProfile
from funding.payroll.tables import Tables
from funding.queries.differences import FIRST, changes_of
from people.models import AccessLog
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, PayLineFactory, confirmed_rates

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


@pytest.fixture
def ready(appointment: Any, institute: Any, finance_officer: Any) -> Any:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    return appointment


@pytest.fixture
def july(ready: Any, institute: Any, finance_officer: Any) -> Any:
    return payroll.prepare_payroll(institute, JULY, by=finance_officer)


def items_of(changes: Any) -> dict[str, tuple[int, str]]:
    return {row.label: (row.people, row.why) for row in changes.items}


def test_one_line_more_shifts_no_other(
    ready: Any, july: Any, institute: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    for code, amount in (("arrears", 100_000), ("correction", -30_000), ("correction", 10_000)):
        made = adjustments.enter_adjustment(
            ready, by=finance_officer, month=AUGUST, code=code, amount_krw=amount, reason="x"
        )
        adjustments.approve_adjustment(made, by=second_finance_officer)
    changes = changes_of(payroll.prepare_payroll(institute, AUGUST, by=finance_officer))
    found = items_of(changes)
    assert found["Arrears"] == found["Correction"] == (1, "new for 1")
    assert found["Income tax"] == found["Employment insurance"] == (1, "another base for 1")
    assert not {"Salary", "National pension", "Health insurance"} & found.keys()
    assert changes.people[0].reasons == ("Arrears ₩100,000", "Correction ₩-20,000")


def test_another_way_of_tax_is_said_though_the_gross_is_the_same(
    ready: Any, july: Any, institute: Any, finance_officer: Any
) -> None:
    application = ready.offer.application
    application.citizenship = "DE"
    application.save(update_fields=["citizenship"])
    TaxProfile.objects.create(user=ready.fellow, way="flat")
    changes = changes_of(payroll.prepare_payroll(institute, AUGUST, by=finance_officer))
    assert items_of(changes)["Income tax"] == (1, "taxed another way for 1")
    (person,) = changes.people
    assert (person.was_krw, person.now_krw) == (7_500_000, 7_500_000)
    assert person.net_change_krw != 0
    assert person.reasons == ("Income tax: Ordinary income tax → Flat rate for foreign workers",)


def test_another_family_and_other_rates_are_told_apart(
    ready: Any, july: Any, institute: Any, finance_officer: Any
) -> None:
    TaxProfile.objects.create(user=ready.fellow, family_size=3)
    run = payroll.prepare_payroll(institute, AUGUST, by=finance_officer)
    (person,) = changes_of(run).people
    assert person.reasons == ("Income tax: other family, relief or deductions",)
    payroll.discard_payroll(run, by=finance_officer)
    table = RateTable.objects.get()
    data = {**table.data, "health_insurance": [{**row, "employee": "3.7"} for row in table.data["health_insurance"]]}
    version = Tables.from_dict(data).version
    RateTable.objects.create(
        version=version, data=data, source="x", confirmed_by=finance_officer, confirmed_at=table.confirmed_at,
        document="x",
    )  # fmt: skip
    changes = changes_of(payroll.prepare_payroll(institute, AUGUST, by=finance_officer))
    assert "→ 3.7 % for 1" in items_of(changes)["Health insurance"][1]
    assert changes.was_rates == table.version
    assert any(reason.startswith("Health insurance: rate") for reason in changes.people[0].reasons)


def test_everybody_whose_net_differs_is_listed_page_by_page(
    ready: Any, july: Any, institute: Any, call_lab: Any, finance_officer: Any, stranger: Any, client_of: Any
) -> None:
    others = [AppointmentFactory(offer__call_lab=call_lab) for _ in range(FIRST + 2)]
    for other in others:
        PayLineFactory(run=july, appointment=other, month=JULY, gross_krw=5, deductions_krw=5)
    run = payroll.prepare_payroll(institute, AUGUST, by=finance_officer)
    changes = changes_of(run)
    assert (len(changes.people), changes.number, changes.more) == (FIRST, FIRST + 2, 2)
    address = f"/payroll/{run.key}/differences/"
    page = client_of(finance_officer).get(address).content.decode()
    assert f"{FIRST + 2}" in page
    assert "after=" in page
    assert address in client_of(finance_officer).get(f"/payroll/{run.key}/").content.decode()
    assert client_of(stranger).get(address).status_code in {403, 404}
    counts = []
    for size in (20, 50):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client_of(finance_officer).get(f"{address}?size={size}")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_items_of_one_person_are_shown_to_whoever_approves_and_the_look_is_logged(
    ready: Any, july: Any, institute: Any, second_finance_officer: Any, other_finance_officer: Any, officer: Any,
    fellow: Any, client_of: Any,
) -> None:  # fmt: skip
    line = PayLine.objects.get()
    address = f"/payroll/{july.key}/lines/{line.key}/"
    shown = client_of(second_finance_officer).get(address).content.decode()
    for item in PayItem.objects.all():
        assert f"{item.amount_krw:,}" in shown
    look = AccessLog.objects.get()
    assert (look.by, look.whose) == (second_finance_officer, ready.fellow)
    for nobody in (other_finance_officer, officer, fellow):
        assert client_of(nobody).get(address).status_code in {403, 404}
    other = payroll.prepare_payroll(institute, AUGUST, by=second_finance_officer)
    assert client_of(second_finance_officer).get(f"/payroll/{other.key}/lines/{line.key}/").status_code == 404
    assert AccessLog.objects.count() == 1
