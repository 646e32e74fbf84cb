"""A number that changes by date."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.states import RuleCode


class RuleForm(forms.Form):
    """A value from a day on, with its source."""

    code = forms.ChoiceField(label=_("Rule"), choices=RuleCode)
    value = forms.IntegerField(label=_("Value"), min_value=0, max_value=10**15)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    source = forms.CharField(label=_("Basis"), max_length=300, help_text=_("Law, notice or the institute's own rule."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Enter the value"), "code", FieldRow("value", "from_on"), "source")
