"""Forms of severance."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import form_helper
from funding.states import SeveranceWay


class SeveranceForm(forms.Form):
    """Where it goes, what is withheld, and the paper on which that rests."""

    way = forms.ChoiceField(label=_("Where it goes"), choices=SeveranceWay, widget=forms.RadioSelect)
    tax_krw = forms.IntegerField(
        label=_("Tax withheld, in won"),
        min_value=0,
        max_value=10**9,
        required=False,
        help_text=_("Retirement income tax and local income tax together. Left empty it is the amount computed above; "
                    "nothing for a retirement account."),
    )  # fmt: skip
    basis = forms.CharField(
        label=_("On what paper"),
        max_length=300,
        help_text=_(
            "For example: copy of the retirement account of 3 July; the tax office's computation, number 4711."
        ),
    )

    def __init__(self, *args: Any, computed_krw: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.computed_krw = computed_krw
        self.helper = form_helper(self, _("Ask for the payment"), "way", "tax_krw", "basis")

    def clean(self) -> dict[str, Any]:
        """What is left empty is what the statute says."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("tax_krw") is None and "tax_krw" not in self.errors:
            data["tax_krw"] = self.computed_krw if data.get("way") == SeveranceWay.DIRECT else 0
        return data


class RefusalForm(forms.Form):
    """Why it is refused."""

    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Refuse"), "reason")
