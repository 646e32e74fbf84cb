"""The parts of the look on one page, and each layout with sample content; shown in the demonstration only."""

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from common.access import public
from common.charts import Point, Series
from common.crispy import FieldRow, Inline, SaveState, Section, file_attrs, form_helper
from common.job_states import JOB_COLOURS, JobState
from common.paging import KeyPage
from common.templatetags.components import TONES

WHY: Final = "the parts that pages are made of; no data of anybody"
SAMPLES: Final = ("desk", "list", "form", "detail")


@dataclass(frozen=True)
class Row:
    """A row with a state, as a page would have it."""

    name: str
    native: str
    job_state: str
    amount_krw: int
    COLOURS = MappingProxyType(JOB_COLOURS)

    def get_job_state_display(self) -> str:
        return str(JobState(self.job_state).label)


@dataclass(frozen=True)
class SampleJob:
    """A job half done."""

    job_state: str
    done: int
    total: int
    percent: int
    words: str
    is_finished: bool
    error: str = ""
    COLOURS = MappingProxyType(JOB_COLOURS)

    def get_job_state_display(self) -> str:
        return str(JobState(self.job_state).label)


class SampleForm(forms.Form):
    """Every kind of field."""

    family_name = forms.CharField(label="Family name", widget=forms.TextInput({"autocomplete": "family-name"}))
    given_name = forms.CharField(label="Given name", widget=forms.TextInput({"autocomplete": "given-name"}))
    email = forms.EmailField(label="E-mail address", help_text="We write to this address only about your application.")
    field = forms.ChoiceField(label="Field", choices=[("", "Choose one"), ("ai", "AI model"), ("bio", "바이오")])
    degree_on = forms.DateField(label="Degree awarded on", widget=forms.DateInput({"type": "date"}))
    stay = forms.ChoiceField(
        label="How long would you stay?", choices=[("1", "One year"), ("2", "Two years")], widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label="Topics", choices=[("a", "초거대언어모델"), ("b", "Manufacturing")], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    plan = forms.CharField(
        label="Research plan", widget=forms.Textarea({"rows": 5}), help_text="At most 3,000 letters."
    )
    cv = forms.FileField(label="Curriculum vitae", widget=forms.FileInput(file_attrs(".pdf", 20 * 2**20)))
    agrees = forms.BooleanField(label="I agree that the labs I choose read my application.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = Section("You", FieldRow("family_name", "given_name"), "email", "degree_on")
        work = Section("Your work", "field", Inline("stay"), "topics", "plan", "cv")
        self.helper = form_helper(self, "Send", person, work, "agrees", SaveState())


class SampleFilters(forms.Form):
    """Filters as a list has them."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), *JobState.choices])


@public(WHY)
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components."""
    return render(request, "styleguide.html", _context(request))


@public(WHY)
def sample(request: HttpRequest, name: str) -> HttpResponse:
    """One layout with sample content."""
    if name not in SAMPLES:
        raise Http404
    return render(request, f"styleguide/{name}.html", _context(request))


def _rows() -> list[Row]:
    names = [("Haeun Seo", "서하은"), ("Minho Bae", "배민호"), ("Aylin Demir", ""), ("Tomás Rivas", "")]
    states = list(JobState.values)
    return [Row(name, native, states[i], 90_000_000 + i * 1_500_000) for i, (name, native) in enumerate(names)]


def _context(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    form = SampleForm(request.POST or ({"email": "not an address"} if "errors" in request.GET else None))
    return {
        "form": form,
        "tones": sorted(TONES),
        "filter_form": SampleFilters(request.GET),
        "page": KeyPage(_rows(), "next", "", 25),
        "rows": _rows(),
        "count": 1260,
        "sort": "name",
        "export_url": "?export=csv",
        "soon": now + timedelta(hours=20),
        "later": now + timedelta(days=12),
        "steps": _steps(),
        "job": SampleJob(JobState.RUNNING, 412, 1260, 32, "Writing rows", is_finished=False),
        "events": [{"at": now, "what": "Submitted", "note": "A receipt was sent."}, {"at": now, "what": "Begun"}],
        "facts": [("Salary a year", "₩90,000,000"), ("Research funds", "₩60,000,000"), ("Starts", "1 July 2025")],
        "table": {"columns": ["Lab", "Seats", "Applicants"], "rows": [["초거대언어모델", 50, 161], ["MFG", 40, 98]]},
        "rank_items": [
            {"id": 1, "label": "초거대언어모델 혁신 연구단", "words": "KAIST"},
            {"id": 2, "label": "Chip lab"},
        ],
        "one_series": Series(
            "Seats", [Point("KAIST", 200), Point("UNIST", 100), Point("GIST", 60), Point("DGIST", None)]
        ),
        "two_series": [
            Series(
                "계획", [Point("2025", 30_000_000_000), Point("2026", 60_000_000_000), Point("2027", 60_000_000_000)]
            ),
            Series("집행", [Point("2025", 27_500_000_000), Point("2026", 12_000_000_000)]),
        ],
        "months": [
            Series("Appointed", [Point(f"{m}월", m * 30 + (m % 3) * 9 if m != 4 else None) for m in range(1, 13)]),
            Series("Left", [Point(f"{m}월", m * 4) for m in range(1, 13)]),
        ],
        "funnel": Series(
            "People", [Point("Registered", 3100), Point("지원", 1260), Point("Reviewed", 1102), Point("Appointed", 400)]
        ),
        "tabs": [{"label": "Open", "url": "#", "current": True, "count": 12}, {"label": "Closed", "url": "#"}],
    }


def _steps() -> list[dict[str, str]]:
    words = ("About you", "Documents", "Labs", "Referees", "Submit")
    states = ("done", "done", "current", "waiting", "waiting")
    return [{"label": label, "state": state} for label, state in zip(words, states, strict=True)]
