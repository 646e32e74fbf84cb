"""The figures of a run for people: by lab, as charts, as a report. Counts only; no person is in them."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.charts import Point, Series, stacked_bar_chart
from common.when import instant_words
from matching.models import MatchRun, Opening
from matching.queries.after import since_publication
from matching.queries.checks import figures_of
from matching.queries.plans import openings_of
from matching.queries.room import gone_over
from matching.queries.seals import seals_of
from matching.queries.seeds import plan_of, shares_of


@dataclass(frozen=True)
class LabInsight:
    """One lab of a run: its opening, its figures as `matching.insight` gives them, seats that came or went over."""

    opening: Opening
    figures: dict[str, Any]
    came_over: int = 0

    @property
    def seats(self) -> int:
        """Its own, with those that came over from another lab, without those that went over to one."""
        return int(self.opening.seats) + self.came_over

    @property
    def unfilled(self) -> int:
        return max(0, self.seats - int(self.figures["held"]))

    @property
    def why_unfilled(self) -> str | Promise:
        """Why seats stay empty."""
        if not self.unfilled:
            return ""
        if self.figures["is_capped"]:
            return gettext_lazy("the institute reached its cap")
        if not self.figures["ranked"]:
            return gettext_lazy("the lab ranked nobody")
        return gettext_lazy("everybody whom the lab ranked has a place that she prefers")

    @property
    def first_choices(self) -> int:
        return int(self.figures["got"].get("1", 0))

    @property
    def lost(self) -> list[tuple[int, int]]:
        """Pairs of a choice and how many went to that choice of theirs instead."""
        return [(int(choice), number) for choice, number in self.figures["lost"].items()]


def insights_of(run: MatchRun) -> list[LabInsight]:
    """Every lab with its figures, in the order of the openings; empty while the run is not solved. Two queries."""
    over = gone_over(run.call, {int(lab): figures["held"] for lab, figures in run.insight.items()})
    return [
        LabInsight(row, run.insight[str(row.call_lab_id)], over.get(row.call_lab_id, 0))
        for row in openings_of(run.call)
        if str(row.call_lab_id) in run.insight
    ]


def flows(rows: list[LabInsight]) -> list[Series]:
    """Lab by choice: how many hold a place that is their first choice, their second, and so on."""
    choices = sorted({int(choice) for row in rows for choice in row.figures["got"]})
    return [
        Series(
            _("Choice %(number)s") % {"number": choice},
            [Point(row.opening.call_lab.lab.code, row.figures["got"].get(str(choice), 0)) for row in rows],
        )
        for choice in choices
    ]


def report_of(run: MatchRun, language: str) -> dict[str, Any]:
    """The match report as data of `templates/pdf/report.typ`; in the language in use."""
    rows, figures = insights_of(run), figures_of(run)
    series, title = flows(rows), _("Which of their choices those placed got, by lab")
    drawing = {"svg": stacked_bar_chart(series, title=title), "svg_words": title} if series else {}
    return {
        "title": _("Match report: %(call)s") % {"call": run.call.name},
        "lang": language,
        "programme": run.call.programme.name,
        "reference": run.key,
        "issued": instant_words(run.published_at) if run.published_at else "",
        "lead": _("Who goes where was decided by a published rule from lists that were sealed before anybody could see "
                  "the outcome. Anybody can run it again from the published files."),
        "sections": [
            {"title": _("Figures, as published"), "facts": [
                (_("Applicants"), str(figures.applicants)), (_("Seats"), str(figures.seats)),
                (_("Placed"), f"{figures.placed} ({figures.fill_percent}%)"),
                *((_("Choice %(number)s") % {"number": n}, str(count)) for n, count in figures.choices.items()),
            ]},
            {"title": title, **drawing},
            {"title": _("By lab, as published"), "columns": [
                _("Lab"), _("Seats"), _("Placed"), _("Cutoff"), _("First choices"), _("One more seat: better off"),
            ], "numeric": [1, 2, 3, 4, 5], "rows": [_line(row) for row in rows]},
            {"title": _("Since it was published"), "facts": _since(run)},
            {"title": _("Seals"), "facts": _seals(run)},
            {"title": _("The labs' lists"), "columns": [_("Lab"), "SHA-256"], "rows": [
                [seal.rank_list.opening.call_lab.lab.code, seal.sha256] for seal in seals_of(run.call)
            ]},
        ],
    }  # fmt: skip


def _line(row: LabInsight) -> list[str]:
    figures = row.figures
    more = str(figures["more"]["better"]) if "more" in figures else "–"
    return [
        row.opening.call_lab.lab.code,
        str(row.seats),
        str(figures["held"]),
        str(figures["cutoff"] or "–"),
        str(row.first_choices),
        more,
    ]


def _since(run: MatchRun) -> list[tuple[str, str]]:
    """What changed until now, and the hashes of each filling's files."""
    now = since_publication(run)
    facts = [
        (_("As of"), instant_words(timezone.now())),
        (_("Hold a place now"), str(now.held)),
        (_("Gave a place up"), str(now.given_up)),
        (_("Moved by fillings"), str(now.moved)),
        (_("Came by a waitlist or a supplementary round"), str(now.came)),
    ]
    for number, filling in enumerate(now.fillings, start=1):
        words = {"number": number}
        facts += [
            (_("Filling %(number)s") % words, f"{filling.get_kind_display()} · {instant_words(filling.decided_at)}"),
            (_("Filling %(number)s: input (SHA-256)") % words, filling.instance_sha256),
            (_("Filling %(number)s: outcome (SHA-256)") % words, filling.outcome_sha256),
        ]
    return facts


def _seals(run: MatchRun) -> list[tuple[str, str]]:
    shares, plan = list(shares_of(run.call)), plan_of(run.call)
    public = [(_("Public value"), f"{plan.public_source}: {plan.public_value}")] if plan.public_value else []
    return [
        (_("Input (SHA-256)"), run.instance_sha256),
        (_("Outcome (SHA-256)"), run.outcome_sha256),
        (_("Algorithm"), run.algorithm),
        (_("Seed"), run.seed),
        *((_("Secret %(number)s") % {"number": share.position}, share.revealed) for share in shares),
        *public,
        (_("Asked for"), _who(run.requested_by, run.requested_at)),
        (_("Confirmed"), _who(run.confirmed_by, run.confirmed_at)),
        (_("Published"), _who(run.published_by, run.published_at)),
    ]


def _who(person: object, at: Any) -> str:
    return f"{person or _('the system')} · {instant_words(at)}" if at else "–"
