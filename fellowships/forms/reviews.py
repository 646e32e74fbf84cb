"""The head's review of a fellow's year, and the officer's decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import Inline, fields_only, form_helper
from fellowships.states import Recommendation


class ReviewForm(forms.Form):
    recommendation = forms.ChoiceField(label=_("You recommend"), choices=Recommendation, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("The year, in your words"),
        help_text=_("Results, progress against the plan, what comes next. The fellow reads it once it is decided."),
        max_length=8000,
        widget=forms.Textarea({"rows": 8}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Keep the review"), Inline("recommendation"), "words")


class ReviewDecisionForm(forms.Form):
    months = forms.IntegerField(label=_("Months of the renewal"), min_value=1, max_value=12, initial=12)
    note = forms.CharField(label=_("Your words on it"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
