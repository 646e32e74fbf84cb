"""Sentences of which the demonstration's applications, letters, reviews and meetings are made."""

from random import Random
from typing import Final

UNIVERSITIES: Final = (
    ("Harbourside University", "US"), ("Institute of Technology Nordhavn", "DK"), ("University of Eastmarch", "GB"),
    ("Haneul University", "KR"), ("Saebyeok Institute of Science", "KR"), ("Namsan University of Technology", "KR"),
    ("Technische Hochschule Lindental", "DE"), ("Tokiwa University", "JP"), ("Lakefield State University", "US"),
    ("Nanyuan University", "CN"), ("Indira Coast Institute", "IN"), ("Baram National University", "KR"),
)  # fmt: skip
FIELDS: Final = {
    "LLM": ("language models", "reasoning", "alignment", "retrieval"),
    "MFG": ("computer-aided design", "process control", "digital twins", "tolerancing"),
    "DRUG": ("protein design", "molecular dynamics", "pharmacology", "chemical synthesis"),
    "AERO": ("flight control", "turbulence", "composite structures", "trajectory planning"),
    "PHYS": ("soft robotics", "tactile sensing", "motor learning", "neural interfaces"),
    "BRAIN": ("neuroimaging", "nanosensors", "biomarkers", "signal processing"),
    "H2": ("electrolysis", "catalysts", "storage materials", "system control"),
    "SOLAR": ("photovoltaics", "wireless power", "perovskites", "orbital systems"),
}
TITLES: Final = (
    "Learning {a} from few measurements of {b}",
    "What {a} can tell us about {b}",
    "Trustworthy models for {a} under changing {b}",
    "A common language for {a} and {b}",
    "From {a} to {b}: closing the loop with learned models",
)
SUMMARY: Final = (
    "I want to find out how {a} and {b} can be modelled together when measurements are few and costly. In the first "
    "half-year I would assemble an open benchmark with the lab's partners; in the second I would build models that know "
    "when they do not know, and test them on the lab's own equipment. The result should be of use to a company within "
    "two years, and every step will be published with data and code."
)
MOTIVATION: Final = (
    "The lab of my first choice has the equipment and the partners that my question needs. My doctorate gave me the "
    "methods; working beside people who build the systems would show me which of them matter."
)
LETTERS: Final = (
    "I have known {name} for {years} years as {relation}. Among the doctoral students of those years {name} stands in "
    "the first {share} per cent: careful with evidence, generous with colleagues, quick to drop an idea that fails. I "
    "recommend this application without reservation.",
    "{name} worked with me for {years} years ({relation}). What sets this work apart is patience: the second experiment "
    "is always better than the first. I would place the candidate in the best {share} per cent, and would hire again.",
)
COMMENTS: Final = (
    "A clear question, a plan that can be carried out, and a candidate who has shown that she finishes what she begins.",
    "Strong methods. The link to the lab's own equipment should be worked out further in the first months.",
    "Ambitious; the second year depends on data that the partners have not promised yet. Still among the better half.",
    "Solid work with a narrow view of its use. The letters are warmer than the publications.",
    "Original. I would like to see this carried out whatever its outcome.",
)
MEETINGS: Final = (
    "We went through the first results and agreed what would convince a sceptic.",
    "Spoke of the next paper, of who should write which part, and of a visit to the company's test site.",
    "Planned the application to a public research institute; the fellow drafts, I read by Friday.",
    "Looked at three open posts together; two fit. We rehearse the talk next time.",
)
PURPOSES: Final = (
    "Conference fee and travel to present our results",
    "Sensors and cables for the second prototype",
    "Computing time for the comparison runs",
    "Open-access publication fee",
    "Reference books and software licences",
)


def topic(random: Random, lab_code: str) -> tuple[str, str]:
    """Two different fields of the lab `lab_code`."""
    first, second = random.sample(FIELDS.get(lab_code, FIELDS["LLM"]), 2)
    return first, second
