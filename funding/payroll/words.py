"""Codes and words of a slip. Every word is a message id, so that whoever shows a slip can translate it."""

from typing import Final


def gettext_noop(message: str) -> str:
    """Mark `message` for the catalogue without translating it: this room knows no language."""
    return message


EARNING: Final = "earning"
DEDUCTION: Final = "deduction"
EMPLOYER: Final = "employer"

TAX: Final = "income_tax"
LOCAL_TAX: Final = "local_income_tax"

LABELS: Final[dict[str, str]] = {
    "salary": gettext_noop("Salary"),
    "arrears": gettext_noop("Arrears"),
    "correction": gettext_noop("Correction"),
    "recovery": gettext_noop("Recovery"),
    "leave": gettext_noop("Leave or reduced time"),
    "pension": gettext_noop("National pension"),
    "health": gettext_noop("Health insurance"),
    "care": gettext_noop("Long-term care insurance"),
    "employment": gettext_noop("Employment insurance"),
    "income_tax": gettext_noop("Income tax"),
    "local_income_tax": gettext_noop("Local income tax"),
    "employer_pension": gettext_noop("National pension, employer's share"),
    "employer_health": gettext_noop("Health insurance, employer's share"),
    "employer_care": gettext_noop("Long-term care insurance, employer's share"),
    "employer_employment": gettext_noop("Employment insurance, employer's share"),
    "employer_stabilisation": gettext_noop("Employment stabilisation, employer only"),
    "employer_accident": gettext_noop("Industrial accident insurance, employer only"),
}

STEPS: Final[dict[str, str]] = {
    "year_pay": gettext_noop("A year's pay: the month's salary times twelve"),
    "one_off": gettext_noop("Pay that comes once"),
    "earned_income_deduction": gettext_noop("Earned income deduction"),
    "personal_deduction": gettext_noop("Personal deduction"),
    "special_deduction": gettext_noop("Special deduction"),
    "pension_deduction": gettext_noop("Deduction of pension contributions"),
    "taxable": gettext_noop("Taxable income of the year"),
    "computed_tax": gettext_noop("Tax by brackets"),
    "credit": gettext_noop("Earned income credit"),
    "year_tax": gettext_noop("Tax of the year"),
    "one_off_tax": gettext_noop("What the pay that comes once adds to the year's tax"),
    "relief": gettext_noop("Share of the tax that a relief takes off"),
}

# A rule is one or more of these clauses, joined by CLAUSE_JOINT: split, translate each, join again.
CLAUSE_JOINT: Final = "; "
TWELFTH: Final = gettext_noop("a twelfth of the year's salary, December with the remainder")
BY_DAYS: Final = gettext_noop("by calendar days of the month")
NOT_PAID: Final = gettext_noop("the share that is not paid")
AS_GIVEN: Final = gettext_noop("as entered")
CLAMPED: Final = gettext_noop("base between floor and ceiling")
OF_HEALTH: Final = gettext_noop("of the health insurance contribution")
BY_BRACKETS: Final = gettext_noop("a year's pay less deductions, by brackets, less credit, divided by twelve")
ONCE_ADDED: Final = gettext_noop("pay that comes once taxed by what it adds to the year's tax")
NOT_NEGATIVE: Final = gettext_noop("not below zero")
FLAT_RATE: Final = gettext_noop("flat rate without deductions")
EXEMPT_BY_TREATY: Final = gettext_noop("exempt by a tax treaty, on the paper on file")
OF_INCOME_TAX: Final = gettext_noop("of the income tax")
WITH_RELIEF: Final = gettext_noop("less the share of a relief")
ROUNDINGS: Final[dict[int, str]] = {
    1: gettext_noop("down to 1 won"),
    10: gettext_noop("down to 10 won"),
    100: gettext_noop("down to 100 won"),
    1_000: gettext_noop("down to 1,000 won"),
}
BASE_ROUNDINGS: Final[dict[int, str]] = {
    1: gettext_noop("base down to 1 won"),
    10: gettext_noop("base down to 10 won"),
    100: gettext_noop("base down to 100 won"),
    1_000: gettext_noop("base down to 1,000 won"),
}

ESTIMATED: Final = gettext_noop(
    "Contributions follow the declared base and are settled again each April: this slip is an estimate."
)
JOINED_LATER: Final = gettext_noop(
    "Joined after the first day of the month: pension, health and long-term care insurance begin next month."
)
ONE_PERSON_TABLE: Final = gettext_noop(
    "The table's special deduction is that of one person: a larger family is withheld more and settled at year end."
)
TREATY_ON_FILE: Final = gettext_noop(
    "No income tax is withheld: an exemption by a tax treaty was granted. If it does not hold, the tax is owed later."
)
NO_RELIEF_WITH_FLAT: Final = gettext_noop("The flat rate allows no relief: the relief on file was not applied.")

# by what is otherwise with a person's insurance
EXCEPTIONS: Final[dict[str, str]] = {
    "pension": gettext_noop("You are outside national pension, on the paper on file."),
    "health": gettext_noop("You are outside health insurance and long-term care, on the paper on file."),
    "care": gettext_noop("You are outside long-term care insurance, on the paper on file."),
    "employment": gettext_noop("You are outside employment insurance, on the paper on file."),
    "accident": gettext_noop("You are outside industrial accident insurance, on the paper on file."),
    "base": gettext_noop("Pension and health insurance follow the base declared for you, not a twelfth of the salary."),
}


def rule(*clauses: str) -> str:
    """Join clauses into one rule, in the order given."""
    return CLAUSE_JOINT.join(clauses)
