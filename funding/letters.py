"""The offer letter in both languages: the institute's words, the terms, and what each fiscal year brings."""

from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from applications.models import Application, CallLab
from common.money import won
from common.when import day_words, instant_words
from fellowships.actions import Terms
from fellowships.letters import filled
from fellowships.models import Offer
from fellowships.queries import letter_text
from funding.states import Purpose
from funding.terms import cost_of_term

LANGUAGES: Final = ("en", "ko")


def letter_of(application: Application, call_lab: CallLab, terms: Terms) -> dict[str, Any]:
    """What the letter says, as JSON by language: this is kept, hashed, and what the candidate accepts."""
    return {language: _in(language, application, call_lab, terms) for language in LANGUAGES}


def _in(language: str, application: Application, call_lab: CallLab, terms: Terms) -> dict[str, Any]:
    lab = call_lab.lab
    with translation.override(language):
        values = {
            "name": application.name,
            "lab": lab.name,
            "institute": lab.institute.name,
            "programme": application.call.programme.name,
            "first_day": day_words(terms.starts_on),
            "last_day": day_words(terms.ends_on),
            "salary": won(terms.salary_krw_a_year),
            "fund": won(terms.research_fund_krw_a_year),
            "deadline": instant_words(terms.deadline_at, terms.deadline_zone),
        }
        return {
            "title": _("Offer of a fellowship"),
            "lang": language,
            "programme": values["programme"],
            "reference": str(application),
            "to": [application.name],
            "paragraphs": filled(letter_text(lab.institute, language), values),
            "facts": _facts(values, application, terms),
            "years": _years(terms),
            "signed": [lab.institute.name],
        }


def _facts(values: dict[str, str], application: Application, terms: Terms) -> list[list[str]]:
    zone = application.applicant.timezone
    there = instant_words(terms.deadline_at, zone)
    facts = [
        [_("Lab"), values["lab"]],
        [_("Employer"), values["institute"]],
        [_("First day"), values["first_day"]],
        [_("Last day"), values["last_day"]],
        [_("Salary a year"), values["salary"]],
        [_("Research funds a year"), values["fund"]],
        [_("Answer by"), values["deadline"] if there == values["deadline"] else f"{values['deadline']} ({there})"],
    ]
    if terms.earliest_start_on and terms.latest_start_on and terms.earliest_start_on != terms.latest_start_on:
        bounds = f"{day_words(terms.earliest_start_on)} – {day_words(terms.latest_start_on)}"
        facts.insert(4, [_("The first day can be talked about"), bounds])
    return facts


def _years(terms: Terms) -> dict[str, Any]:
    """What each fiscal year of the term brings, in won, as rows of words."""
    costs = cost_of_term(terms.salary_krw_a_year, terms.research_fund_krw_a_year, terms.starts_on, terms.ends_on)
    by_year: dict[int, dict[str, int]] = {}
    for year, purpose, amount in costs:
        by_year.setdefault(year, {})[purpose] = amount
    rows = []
    for year, sums in sorted(by_year.items()):
        salary, fund = sums.get(Purpose.SALARY, 0), sums.get(Purpose.RESEARCH_FUND, 0)
        rows.append([str(year), won(salary), won(fund), won(salary + fund)])
    total = [sum(sums.get(purpose, 0) for sums in by_year.values()) for purpose in ("salary", "research_fund")]
    return {
        "title": _("By fiscal year"),
        "columns": [_("Fiscal year"), _("Salary"), _("Research funds"), _("Sum")],
        "rows": rows,
        "total": [_("Whole term"), won(total[0]), won(total[1]), won(sum(total))],
    }


def shown(offer: Offer, language: str) -> dict[str, Any]:
    """The data of the PDF in `language`: the letter as it was sent, its seal, and the acceptance when there is one."""
    letter = offer.letter or letter_of(offer.application, offer.call_lab, Terms.of(offer))
    with translation.override(language):
        data = {
            **letter[language],
            "reference": f"{offer.application} · {offer.key}",
            "seal": [_("Seal of the text in both languages (SHA-256)"), offer.terms_sha256],
        }
        if offer.accepted_at:
            words = {"name": offer.signed_name, "at": instant_words(offer.accepted_at)}
            data["accepted"] = _("Accepted by %(name)s at %(at)s, with a code mailed to her address.") % words
    return data
