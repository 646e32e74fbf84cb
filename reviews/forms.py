"""What a reviewer declares and scores, what an officer asks for, what is said of interviews."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core import signing
from django.forms import BaseModelFormSet, modelformset_factory
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from common.crispy import FieldRow, Inline, SaveState, fields_only, form_helper
from people.models import User
from reviews.actions import PlanTerms, version_of
from reviews.models import Criterion, InterviewNote, InterviewPlan, Review
from reviews.queries import Proposal, points_of, reviewers_for
from reviews.states import ConflictKind

SALT = "reviews.proposal"


class DeclarationForm(forms.Form):
    """Whether she has an interest in the application, and which."""

    has_conflict = forms.TypedChoiceField(
        label=_("Do you have a conflict of interest?"),
        choices=[("no", _("I have no conflict of interest")), ("yes", _("I have a conflict of interest"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("Family, supervision, papers written together in the last five years, one department, money."),
    )
    kind = forms.ChoiceField(
        label=_("Which one, if you have one"), choices=[("", "–"), *ConflictKind.choices], required=False
    )
    note = forms.CharField(label=_("In a few words"), max_length=300, required=False)

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Declare"), "has_conflict", "kind", "note", action=action)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("has_conflict") and not data.get("kind"):
            self.add_error("kind", _("Say which kind of conflict it is."))
        return data


class InterestForm(forms.Form):
    """An interest that somebody declares without having been asked."""

    kind = forms.ChoiceField(label=_("Which conflict of interest"), choices=ConflictKind)
    note = forms.CharField(label=_("In a few words"), max_length=300, required=False)

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Declare a conflict of interest"), "kind", "note", action=action)


class ScoreForm(forms.Form):
    """Points for each criterion and a comment. A draft may have gaps; `points` says what was given."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, review: Review, criteria: list[Criterion], data: Any = None) -> None:
        given = points_of(review)
        initial: dict[str, Any] = {"comment": review.comment, "version": version_of(review)}
        initial |= {f"c{pk}": points for pk, points in given.items()}
        super().__init__(data, initial=initial)
        self.criteria = criteria
        for row in criteria:
            self.fields[f"c{row.pk}"] = forms.TypedChoiceField(
                label=row.name,
                help_text=row.help_ko if (get_language() or "").startswith("ko") else row.help_en,
                choices=[(number, str(number)) for number in range(1, row.most + 1)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["comment"] = forms.CharField(
            label=_("Comment for the lab heads"),
            required=False,
            max_length=10_000,
            widget=forms.Textarea({"rows": 8}),
            help_text=_("Labs read it without your name. Applicants do not see it."),
        )
        scores = [Inline(f"c{row.pk}") for row in criteria]
        self.helper = fields_only(self, "version", *scores, "comment", SaveState())

    @property
    def points(self) -> dict[int, int]:
        """Points by primary key of the criterion, those given so far."""
        values = {row.pk: self.cleaned_data.get(f"c{row.pk}") for row in self.criteria}
        return {pk: int(value) for pk, value in values.items() if value is not None}


class ReopenForm(forms.Form):
    """Why a submitted review is taken up again."""

    reason = forms.CharField(label=_("Why do you change it?"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Reopen the review"), "reason", action=action)


class AssignForm(forms.Form):
    """Who is asked about one application: reviewers without a known interest."""

    reviewer = forms.ModelChoiceField(label=_("Reviewer"), queryset=User.objects.none())

    def __init__(self, application: Application, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = reviewers_for(application)
        field = self.fields["reviewer"]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]
        field.choices = [("", "–"), *((person.pk, person.full_name or person.email) for person in people)]  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Ask this reviewer"), "reviewer", action=action)


class ProposalForm(forms.Form):
    """The proposal as it was shown, signed: what an officer saw is what is assigned."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call

    @classmethod
    def showing(cls, call: Call, proposal: Proposal) -> "ProposalForm":
        return cls(call, initial={"seen": signing.dumps([call.pk, proposal.keys], salt=SALT, compress=True)})

    def clean_seen(self) -> list[tuple[int, int]]:
        try:
            call, pairs = signing.loads(self.cleaned_data["seen"], salt=SALT)
        except signing.BadSignature as problem:
            raise forms.ValidationError(_("Look at the proposal again, then assign.")) from problem
        if call != self.call.pk:
            raise forms.ValidationError(_("This proposal belongs to another call."))
        return [(application, reviewer) for application, reviewer in pairs]


class TakeBackForm(forms.Form):
    """Why a request is taken back."""

    reason = forms.CharField(max_length=300, required=False)


class CriterionForm(forms.ModelForm[Criterion]):
    """One criterion in both languages."""

    class Meta:
        model = Criterion
        fields = ("name_en", "name_ko", "help_en", "help_ko", "weight", "most")
        widgets = {"help_en": forms.Textarea({"rows": 2}), "help_ko": forms.Textarea({"rows": 2})}
        labels = {"help_en": _("What to look at, in English"), "help_ko": _("What to look at, in Korean")}

    def clean_most(self) -> int:
        most: int = self.cleaned_data["most"]
        if not 2 <= most <= 20:
            raise forms.ValidationError(_("Between 2 and 20 points."))
        return most


CriterionFormSet: type[BaseModelFormSet[Criterion, CriterionForm]] = modelformset_factory(
    Criterion, form=CriterionForm, extra=1, can_delete=True
)


class ApplicationFilter(forms.Form):
    """What the officer's list of a call shows."""

    q = forms.CharField(label=_("Number or name"), required=False, widget=forms.TextInput({"type": "search"}))
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All eligible applications")),
            ("short", _("Too few reviewers")),
            ("waiting", _("Reviews outstanding")),
            ("conflict", _("With a declared conflict")),
        ],
    )


class PlanForm(forms.Form):
    """How a lab interviews; initial values are those of the plan that stands."""

    minutes = forms.IntegerField(label=_("Minutes of one interview"), min_value=10, max_value=240, initial=30)
    place = forms.CharField(label=_("Where it is held, or the address of the video call"), max_length=300)
    words = forms.CharField(
        label=_("Words to the candidates"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )
    answers_due_at = forms.DateTimeField(
        label=_("Candidates say their times until (Korean time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, plan: InterviewPlan | None = None, **kwargs: Any) -> None:
        names = ("minutes", "place", "words", "answers_due_at")
        super().__init__(*args, **kwargs)
        if plan is not None:
            self.initial = {name: getattr(plan, name) for name in names}
        self.helper = form_helper(self, _("Keep"), *names)

    def terms(self) -> PlanTerms:
        return PlanTerms(**self.cleaned_data)


class TimesForm(forms.Form):
    """A day, and from when until when interviews can be held on it, in Korean time."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    since = forms.TimeField(label=_("From (Korean time)"), widget=forms.TimeInput(attrs={"type": "time"}))
    until = forms.TimeField(label=_("Until (Korean time)"), widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Offer these times"), "day", FieldRow("since", "until"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "since" in data and "until" in data and data["until"] <= data["since"]:
            self.add_error("until", _("This must be later than the beginning."))
        return data

    def span(self) -> tuple[datetime, datetime]:
        data: dict[str, Any] = self.cleaned_data
        return _instant(data["day"], data["since"]), _instant(data["day"], data["until"])


def _instant(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


class OwnTimesForm(forms.Form):
    """The candidate's words; her ticks are read from the list of times."""

    words = forms.CharField(label=_("Words to the lab, if you wish"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self, "words")


class NoteForm(forms.Form):
    """What a member of the lab thought; a change says why."""

    points = forms.TypedChoiceField(
        label=_("Points, from 1 (no) to 5 (outstanding)"),
        choices=[(number, str(number)) for number in range(InterviewNote.LEAST, InterviewNote.MOST + 1)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What was said, and what you think of it"),
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Only the lab reads it. Write what you could say to the candidate herself."),
    )
    reason = forms.CharField(label=_("Why do you change it?"), max_length=300, required=False)

    def __init__(self, *args: Any, note: InterviewNote | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if note is None:
            del self.fields["reason"]
        else:
            self.initial = {"points": note.points, "text": note.text}
        self.helper = form_helper(
            self, _("Keep the note"), Inline("points"), *[n for n in self.fields if n != "points"]
        )


class CallOffForm(forms.Form):
    """Why an interview is not held."""

    reason = forms.CharField(label=_("Why it is not held; the candidate reads it"), max_length=300)

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Call the interview off"), "reason", action=action)
