"""Terms of an offer, questions about it, and the candidate's answer."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from applications.eligibility import months_after
from applications.models import Call
from common.crispy import FieldRow, Note, Section, fields_only, form_helper
from fellowships.actions import Declining, Signature, Terms
from fellowships.models import LetterTemplate, Offer, OfferQuestion
from fellowships.states import DeclineReason, OtherPlace

ANSWER_WITHIN = timedelta(days=14)
ZONES = (
    ("Asia/Seoul", _("Korea (Seoul)")),
    ("Asia/Tokyo", _("Japan (Tokyo)")),
    ("Asia/Singapore", _("Singapore")),
    ("Asia/Kolkata", _("India (Kolkata)")),
    ("Europe/Berlin", _("Central Europe (Berlin)")),
    ("Europe/London", _("United Kingdom (London)")),
    ("America/New_York", _("Eastern United States (New York)")),
    ("America/Los_Angeles", _("Western United States (Los Angeles)")),
    ("UTC", "UTC"),
)
DAY = forms.DateInput({"type": "date"})


class TermsForm(forms.Form):
    """What is offered; begins with what the call promises."""

    salary_krw_a_year = forms.IntegerField(label=_("Salary a year, in won"), min_value=1, max_value=10**12)
    research_fund_krw_a_year = forms.IntegerField(
        label=_("Research funds a year, in won"), min_value=0, max_value=10**12
    )
    starts_on = forms.DateField(label=_("First day"), widget=DAY)
    ends_on = forms.DateField(label=_("Last day"), widget=DAY)
    earliest_start_on = forms.DateField(
        label=_("First day, at the earliest"),
        widget=DAY,
        required=False,
        help_text=_("Within these bounds the candidate may wish another first day. Empty: it cannot be talked about."),
    )
    latest_start_on = forms.DateField(label=_("First day, at the latest"), widget=DAY, required=False)
    deadline_at = forms.DateTimeField(
        label=_("Answer by"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    deadline_zone = forms.ChoiceField(label=_("On the clock of"), choices=ZONES, initial="Asia/Seoul")

    def __init__(self, data: Any = None, *, call: Call | None) -> None:
        super().__init__(data, initial=_of_call(call) if call else {})
        self.helper = fields_only(
            self,
            FieldRow("salary_krw_a_year", "research_fund_krw_a_year"),
            FieldRow("starts_on", "ends_on"),
            FieldRow("earliest_start_on", "latest_start_on"),
            FieldRow("deadline_at", "deadline_zone"),
        )

    def clean(self) -> dict[str, Any]:
        """Read the deadline on the chosen clock; one bound alone stands for both ends."""
        data = self.cleaned_data
        if data.get("deadline_at") and data.get("deadline_zone"):
            on_the_clock: datetime = data["deadline_at"].replace(tzinfo=ZoneInfo(data["deadline_zone"]))
            data["deadline_at"] = on_the_clock
        starts_on = data.get("starts_on")
        if data.get("earliest_start_on") or data.get("latest_start_on"):
            data["earliest_start_on"] = data.get("earliest_start_on") or starts_on
            data["latest_start_on"] = data.get("latest_start_on") or starts_on
        return data

    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)


def _of_call(call: Call) -> dict[str, Any]:
    starts_on: date = max(call.starts_on, timezone.localdate())
    deadline = timezone.localtime() + ANSWER_WITHIN
    return {
        "salary_krw_a_year": call.salary_krw_a_year,
        "research_fund_krw_a_year": call.research_fund_krw_a_year,
        "starts_on": starts_on,
        "ends_on": months_after(starts_on, call.term_months) - timedelta(days=1),
        "latest_start_on": months_after(starts_on, 3),
        "deadline_at": deadline.replace(hour=18, minute=0, second=0, microsecond=0),
    }


class AcceptForm(forms.Form):
    """She signs with her name and the code that was mailed to her; `seal` is the hash of the text before her."""

    signed_name = forms.CharField(
        label=_("Your full name, as a signature"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    code = forms.CharField(
        label=_("The code from your mail"),
        help_text=_("Six digits, mailed when you ask for them above. They count for 30 minutes."),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    has_read = forms.BooleanField(label=_("I have read the offer and accept it."))
    seal = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, offer: Offer) -> None:
        super().__init__(data, initial={"seal": offer.terms_sha256})
        address = reverse("funding:offer", args=[offer.key])
        self.helper = form_helper(self, _("Accept the offer"), action=address)

    def clean_code(self) -> str:
        """The digits, without the blanks that mail programs put between them."""
        return "".join(str(self.cleaned_data["code"]).split())

    def signature(self) -> Signature:
        data = self.cleaned_data
        return Signature(data["signed_name"], data["code"], data["seal"])


class DeclineForm(forms.Form):
    """She declines; the reason helps the programme to compete."""

    reason = forms.ChoiceField(label=_("What decided it?"), choices=DeclineReason)
    place = forms.ChoiceField(
        label=_("Where do you go instead, if you like to say"), choices=[("", "–"), *OtherPlace.choices], required=False
    )
    country = forms.ChoiceField(label=_("In which country"), choices=[("", "–")], required=False)
    pays_krw_a_year = forms.IntegerField(
        label=_("What it pays a year, about, in won"), min_value=1, max_value=10**12, required=False
    )
    note = forms.CharField(
        label=_("In your words, if you like"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *countries]  # type: ignore[attr-defined]
        self.helper = fields_only(self)

    def why(self) -> Declining:
        return Declining(**self.cleaned_data)


class WithdrawOfferForm(forms.Form):
    note = forms.CharField(label=_("Why is it withdrawn?"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class AskForm(forms.Form):
    """A question of the candidate's, and perhaps another first day."""

    text = forms.CharField(
        label=_("Your question, or why another first day"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )
    wanted_start_on = forms.DateField(label=_("First day that you wish"), required=False, widget=DAY)

    def __init__(self, data: Any = None, *, offer: Offer) -> None:
        super().__init__(data)
        if offer.is_negotiable:
            self.fields["wanted_start_on"].widget = forms.DateInput(
                {
                    "type": "date",
                    "min": f"{offer.earliest_start_on or offer.starts_on:%Y-%m-%d}",
                    "max": f"{offer.latest_start_on or offer.starts_on:%Y-%m-%d}",
                }
            )
        else:
            del self.fields["wanted_start_on"]
        address = reverse("funding:ask_offer", args=[offer.key])
        self.helper = form_helper(self, _("Ask"), action=address)


class ReplyForm(forms.Form):
    """An officer's answer; several of these stand on one page, each with its own ids."""

    answer = forms.CharField(
        label=_("Your answer"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, for_question: OfferQuestion) -> None:
        super().__init__(data, auto_id=f"id_{for_question.key}_%s")
        self.question = for_question
        self.helper = fields_only(self)


class LetterForm(forms.ModelForm[LetterTemplate]):
    """The words of an institute's offer letters, in both languages."""

    class Meta:
        model = LetterTemplate
        fields = ("text_en", "text_ko")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["rows"] = 18
        parts = [Note(_("An empty line begins a new paragraph. Words in braces are filled in for each candidate.")),
                 "text_en", "text_ko"]  # fmt: skip
        self.helper = form_helper(self, _("Use these words from now on"), Section(_("Words of the letter"), *parts))
