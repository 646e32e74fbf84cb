"""Finding applications on the desk, and deciding on one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.states import ApplicationState
from common.crispy import fields_only

STATES = [
    ("", _("All")),
    *((state.value, state.label) for state in ApplicationState if state != ApplicationState.DRAFT),
]


class ScreeningFilters(forms.Form):
    """Filters that stay in the address."""

    call = forms.ChoiceField(label=_("Call"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    lab = forms.ChoiceField(label=_("Lab"), required=False)
    q = forms.CharField(
        label=_("Name, address, ORCID, number or title"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"type": "search"}),
    )

    def __init__(self, *args: Any, calls: list[tuple[str, str]], labs: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = calls  # type: ignore[attr-defined]
        self.fields["lab"].choices = [("", _("All")), *labs]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """The filters that make sense; what does not is left out."""
        self.is_valid()
        return dict(self.cleaned_data)


class DecisionForm(forms.Form):
    """Eligible or not, and why."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("in", _("Eligible")), ("out", _("Not eligible"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Needed for “not eligible” and for changing a decision. The applicant reads it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
        self.helper.form_show_errors = True


class TogetherForm(DecisionForm):
    """One decision for several applications, each in the state in which it was shown."""

    def __init__(self, *args: Any, rows: list[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows

    def seen(self) -> dict[Application, str]:
        """The applications with the states that the page had shown."""
        shown = dict(value.split(":", 1) for value in self.data.getlist("state") if ":" in value)  # type: ignore[attr-defined]
        return {row: shown.get(row.key, "") for row in self.rows}
