"""The words of a settlement's figures."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FIGURES = {
    "agreed": gettext_noop("Agreed with the ministry"),
    "not_allotted": gettext_noop("Not allotted"),
    "available": gettext_noop("Allotted, available"),
    "committed": gettext_noop("Committed"),
    "spent_salary": gettext_noop("Spent on salaries"),
    "spent_research_fund": gettext_noop("Spent on research funds"),
    "employer": gettext_noop("Employer's charges"),
    "severance": gettext_noop("Severance"),
    "interest": gettext_noop("Interest earned"),
    "carried_over": gettext_noop("Carried over to the next year"),
    "given_back": gettext_noop("Returned to the treasury"),
    "interest_back": gettext_noop("Interest returned to the treasury"),
    "receivable": gettext_noop("Contribution agreed, not received"),
    "payable": gettext_noop("Owed to people"),
    "withheld": gettext_noop("Withheld for authorities"),
    "card": gettext_noop("Owed to card companies"),
    "bank": gettext_noop("Bank"),
    "people_paid": gettext_noop("Number of people paid"),
    "claims": gettext_noop("Number of claims"),
}


def labelled(figures: Mapping[str, int]) -> list[tuple[str, int]]:
    """Each figure with its words, in the order of the report."""
    return [(_(words), figures.get(name, 0)) for name, words in FIGURES.items()]
