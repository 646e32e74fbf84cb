"""Numbers that change by date, and what categories of claims forbid and demand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.models import ClaimCategory, MatchScheme
from funding.states import MatchedPays, RuleCode, SpendingRule


class RuleForm(forms.Form):
    """A value from a day on, with its source."""

    code = forms.ChoiceField(label=_("Rule"), choices=RuleCode)
    value = forms.IntegerField(label=_("Value"), min_value=0, max_value=10**15)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    source = forms.CharField(label=_("Basis"), max_length=300, help_text=_("Law, notice or the institute's own rule."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Enter the value"), "code", FieldRow("value", "from_on"), "source")


class SpendingRuleForm(forms.Form):
    """What holds for a category of claims, or for all of them, from a day on."""

    category = forms.ModelChoiceField(
        ClaimCategory.objects.all(), label=_("Category"), required=False, empty_label=_("All categories")
    )
    kind = forms.ChoiceField(label=_("Rule"), choices=SpendingRule)
    value = forms.IntegerField(
        label=_("Number"), min_value=0, max_value=10**15, required=False,
        help_text=_("Won, percent or papers, as the rule says; nothing for forbidden words."),
    )  # fmt: skip
    words = forms.CharField(label=_("Forbidden words, divided by commas"), max_length=500, required=False)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    reason_en = forms.CharField(label=_("What a person reads, in English"), max_length=300)
    reason_ko = forms.CharField(label=_("What a person reads, in Korean"), max_length=300)
    source = forms.CharField(label=_("Basis"), max_length=300, help_text=_("Law, notice or the institute's own rule."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Enter the rule"), FieldRow("category", "kind"), FieldRow("value", "from_on"), "words",
            FieldRow("reason_en", "reason_ko"), "source",
        )  # fmt: skip

    def clean_value(self) -> int:
        """A rule that needs no number has nothing as its number."""
        return self.cleaned_data["value"] or 0

    def clean(self) -> dict[str, Any]:
        """A limit without its number would forbid everything."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") != SpendingRule.FORBIDDEN and not self.data.get("value", "").strip():
            self.add_error("value", _("Enter the number."))
        return cleaned


class TermsForm(forms.Form):
    """The terms of a scheme of matched money from a day on."""

    scheme = forms.ModelChoiceField(MatchScheme.objects.all(), label=_("Scheme"))
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    ratio_percent = forms.IntegerField(label=_("Public won for 100 won of a partner"), min_value=0, max_value=1_000)
    ceiling_krw = forms.IntegerField(label=_("Public match at most, a pledge"), min_value=0, max_value=10**13)
    in_kind_counts_percent = forms.IntegerField(
        label=_("Share of in-kind value that is matched, in percent"), min_value=0, max_value=100
    )
    pays = forms.MultipleChoiceField(
        label=_("What it may pay"), choices=MatchedPays, widget=forms.CheckboxSelectMultiple
    )
    source = forms.CharField(label=_("Basis"), max_length=300, help_text=_("Law, notice or the institute's own rule."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Enter the terms"), FieldRow("scheme", "from_on"), FieldRow("ratio_percent", "ceiling_krw"),
            "in_kind_counts_percent", "pays", "source",
        )  # fmt: skip
