"""Terms of an offer, and the candidate's answer."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.eligibility import months_after
from applications.models import Call
from common.crispy import FieldRow, form_helper
from fellowships.actions import Terms
from fellowships.states import DeclineReason

ANSWER_WITHIN = timedelta(days=14)


class TermsForm(forms.Form):
    """What is offered; begins with what the call promises."""

    salary_krw_a_year = forms.IntegerField(label=_("Salary a year, in won"), min_value=1)
    research_fund_krw_a_year = forms.IntegerField(label=_("Research funds a year, in won"), min_value=0)
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}))
    ends_on = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}))
    deadline_at = forms.DateTimeField(
        label=_("Answer by (Korea Standard Time)"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: Any = None, *, call: Call | None) -> None:
        super().__init__(data, initial=_of_call(call) if call else {})
        self.helper = form_helper(
            self,
            "",
            FieldRow("salary_krw_a_year", "research_fund_krw_a_year"),
            FieldRow("starts_on", "ends_on"),
            "deadline_at",
        )
        self.helper.form_tag = False
        self.helper.disable_csrf = True

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
        "deadline_at": deadline.replace(hour=18, minute=0, second=0, microsecond=0),
    }


class AcceptForm(forms.Form):
    """She signs with her name."""

    signed_name = forms.CharField(
        label=_("Your full name, as a signature"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    has_read = forms.BooleanField(label=_("I have read the offer and accept it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Accept the offer"))


class DeclineForm(forms.Form):
    """She declines; the reason helps the programme to compete."""

    reason = forms.ChoiceField(label=_("What decided it?"), choices=DeclineReason)
    note = forms.CharField(
        label=_("In your words, if you like"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False


class WithdrawOfferForm(forms.Form):
    note = forms.CharField(label=_("Why is it withdrawn?"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False
