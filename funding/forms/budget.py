"""Appropriating, agreeing, allotting."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.actions.movements import Wish
from funding.models import Agreement, Appropriation
from funding.states import MovementKind, YearState
from labs.models import Institute, Lab


class AppropriationForm(forms.Form):
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("For example: supplementary budget"))
    fiscal_year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**15)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Appropriate"), "source", FieldRow("fiscal_year", "amount_krw"), "note")


class AgreementForm(forms.Form):
    appropriation = forms.ModelChoiceField(
        Appropriation.objects.standing().order_by("-fiscal_year", "source"), label=_("Out of which appropriation")
    )
    institute = forms.ModelChoiceField(Institute.objects.all(), label=_("Institute"))
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**15)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    by_tranches = forms.BooleanField(label=_("The money comes in tranches"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Agree"), "appropriation", FieldRow("institute", "amount_krw"), "by_tranches", "note"
        )


class AllotmentForm(forms.Form):
    """Out of one agreement, to one of the institute's labs."""

    lab = forms.ModelChoiceField(Lab.objects.none(), label=_("Lab"))
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**15)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].queryset = Lab.objects.filter(institute=agreement.institute_id)  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Allot"), FieldRow("lab", "amount_krw"), "note")


class MovementForm(forms.Form):
    """What is to move, and why."""

    institute = forms.ModelChoiceField(Institute.objects.none(), label=_("Institute"))
    kind = forms.ChoiceField(label=_("Kind"), choices=MovementKind)
    fiscal_year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**15)
    from_lab = forms.ModelChoiceField(Lab.objects.none(), label=_("From lab"), required=False)
    to_lab = forms.ModelChoiceField(Lab.objects.none(), label=_("To lab"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        for name in ("from_lab", "to_lab"):
            self.fields[name].queryset = Lab.objects.filter(institute__in=institutes)  # type: ignore[attr-defined]
        self.helper = form_helper(
            self, _("Ask for it"), "institute", "kind", FieldRow("fiscal_year", "amount_krw"),
            FieldRow("from_lab", "to_lab"), "reason",
        )  # fmt: skip

    def wish(self) -> Wish:
        """The movement as its action takes it."""
        return Wish(**{name: value for name, value in self.cleaned_data.items() if name != "institute"})


class TrancheForm(forms.Form):
    """When a part of the contribution is due."""

    due_on = forms.DateField(label=_("Due"), widget=forms.DateInput({"type": "date"}))
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**15)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Plan this tranche"), FieldRow("due_on", "amount_krw"))


class YearForm(forms.Form):
    """Close a year or open it again, and why."""

    year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    to = forms.ChoiceField(
        label=_("What is to happen"), choices=((YearState.CLOSED, _("Close")), (YearState.OPEN, _("Open again")))
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Ask for it"), FieldRow("year", "to"), "reason")


class SampleForm(forms.Form):
    """A sample of expenses: the same seed draws the same sample."""

    fiscal_year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    institute = forms.ModelChoiceField(Institute.objects.all(), label=_("Institute"), required=False)
    size = forms.IntegerField(label=_("How many"), min_value=1, max_value=200, initial=25)
    at_least_krw = forms.IntegerField(label=_("From how many won on"), min_value=0, max_value=10**15, initial=0)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Draw the sample"), FieldRow("fiscal_year", "institute"), FieldRow("size", "at_least_krw"), "seed"
        )


class SettlementForm(forms.Form):
    """Which institute settles which year."""

    institute = forms.ModelChoiceField(Institute.objects.none(), label=_("Institute"))
    fiscal_year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Submit the settlement"), FieldRow("institute", "fiscal_year"), "note")


class QuestionForm(forms.Form):
    """What the ministry asks before it accepts."""

    question = forms.CharField(label=_("Question"), max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Return with this question"))


class ReceivedForm(forms.Form):
    """When a contribution came in, and what stands on the bank's statement."""

    received_on = forms.DateField(label=_("Day on which it came in"), widget=forms.DateInput({"type": "date"}))
    reference = forms.CharField(label=_("Reference on the bank's statement"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Enter that it came in"), FieldRow("received_on", "reference"))


class ReversalForm(forms.Form):
    """What was wrong with an entry."""

    reason = forms.CharField(label=_("What was wrong"), max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Ask for its reversal"), "reason", action=action)
