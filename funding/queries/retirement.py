"""Retirement income tax of a term, by the rates that come with the application."""

from functools import cache
from pathlib import Path

from fellowships.models import Appointment
from funding.payroll.retirement import RetirementTax, rates_in, retirement_tax, years_of_service
from funding.queries.severance import accrued_of

RATES = Path(__file__).resolve().parents[1] / "data" / "retirement-tax.toml"


@cache
def _text() -> str:
    return RATES.read_text(encoding="utf-8")


def retirement_tax_of(appointment: Appointment) -> RetirementTax:
    """What is withheld from the severance of a term, were it paid to her today; each step. Two queries."""
    rates = rates_in(_text(), appointment.ends_on)
    years = years_of_service(appointment.starts_on, appointment.ends_on)
    return retirement_tax(accrued_of(appointment), years, rates)
