"""What officers send about seeds and runs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import fields_only, form_helper


class DiscardForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is this run given up?"),
        max_length=500,
        required=False,
        help_text=_("It is shown with your name beside the match that is published in the end: name no applicant."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False


class InstantForm(forms.Form):
    """When everybody is to be told."""

    at = forms.DateTimeField(
        label=_("Day and hour (Korean time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class SecretForm(forms.Form):
    """An officer's secret for the seed; empty: one is drawn."""

    secret = forms.CharField(
        label=_("A secret of your own"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty, and one is drawn for you: nobody sees it before the match is published."),
    )
    keeps_it = forms.BooleanField(
        label=_("I keep it myself"),
        required=False,
        help_text=_("Only its hash is kept here. You give it after the lists are due; without it no match is run."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class SourceForm(forms.Form):
    """A value that the world draws after the lists are due."""

    source = forms.CharField(
        label=_("The public value"),
        max_length=300,
        required=False,
        help_text=_("For example: the six numbers of the lottery of 5 December, in order, with a space between them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class ValueForm(forms.Form):
    """That value, as it was drawn."""

    value = forms.CharField(label=_("The value as it was drawn"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
