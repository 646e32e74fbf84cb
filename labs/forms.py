"""Input about labs, partners and members."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, Section, form_helper
from labs.models import Lab, LabMember, PartnerOrganisation
from labs.states import OrganisationKind
from people.models import User


class LabSearch(forms.Form):
    """Filters of the list of labs."""

    q = forms.CharField(label=_("Search"), required=False)
    institute = forms.ChoiceField(label=_("Institute"), required=False)
    sector = forms.ChoiceField(label=_("Sector"), required=False)

    def __init__(self, *args: Any, institutes: list[tuple[int, str]], sectors: list[tuple[int, str]]) -> None:
        super().__init__(*args)
        self.fields["institute"].choices = [("", _("All")), *institutes]  # type: ignore[attr-defined]
        self.fields["sector"].choices = [("", _("All")), *sectors]  # type: ignore[attr-defined]


class PartnerSearch(forms.Form):
    """Filters of the list of partners."""

    q = forms.CharField(label=_("Search"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *OrganisationKind.choices])


class LabForm(forms.ModelForm[Lab]):
    class Meta:
        model = Lab
        fields = (
            "code", "institute", "name_en", "name_ko", "sectors", "summary_en", "summary_ko", "website", "is_active",
        )  # fmt: skip
        widgets = {"sectors": forms.CheckboxSelectMultiple()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = self.fields["institute"].disabled = True
        self.helper = form_helper(
            self,
            _("Save"),
            Section(_("Name"), FieldRow("code", "institute"), FieldRow("name_en", "name_ko"), "sectors"),
            Section(_("About"), "summary_en", "summary_ko", "website", "is_active"),
        )


class PartnerForm(forms.ModelForm[PartnerOrganisation]):
    class Meta:
        model = PartnerOrganisation
        fields = ("name_en", "name_ko", "kind", "country", "website")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Save"))


class MemberForm(forms.ModelForm[LabMember]):
    """Somebody joins; an e-mail address of an account ties her role to it."""

    email = forms.EmailField(label=_("E-mail address of her account"), required=False)

    class Meta:
        model = LabMember
        fields = ("name_en", "name_ko", "duty", "home_institution", "starts_on")
        widgets = {"starts_on": forms.DateInput({"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self,
            _("Add"),
            FieldRow("name_en", "name_ko"),
            FieldRow("duty", "starts_on"),
            FieldRow("home_institution", "email"),
        )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        self.instance.user = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
        if email and self.instance.user is None:
            raise forms.ValidationError(_("Nobody has an account with this address. She makes one by signing up."))
        return email


class JoinForm(forms.Form):
    """An organisation takes part in a lab."""

    organisation = forms.ModelChoiceField(PartnerOrganisation.objects.all(), label=_("Organisation"))
    note = forms.CharField(label=_("What it brings"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Add"), "organisation", "note")
