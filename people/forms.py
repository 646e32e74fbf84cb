"""Forms about people."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from people.models import Place, User
from people.states import PLACE_OF_ROLE, ApiScope, Role


class SignupExtras(forms.Form):
    """What sign-up asks besides an address: the name, in Latin letters and in its own script."""

    given_name = forms.CharField(
        label=_("Given name, in Latin letters"), max_length=100, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Family name, in Latin letters"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    native_name = forms.CharField(label=_("Full name in its own script"), max_length=150, required=False)

    def signup(self, request: Any, user: User) -> None:
        """Called by the sign-up page with the new account."""
        for name in ("given_name", "family_name", "native_name"):
            setattr(user, name, self.cleaned_data[name])
        user.language = (request.LANGUAGE_CODE or "en")[:2]
        user.save(update_fields=["given_name", "family_name", "native_name", "language"])


class TokenForm(forms.Form):
    """A token for somebody's own tools."""

    name = forms.CharField(
        label=_("What it is for"), max_length=100, help_text=_("For example: the weekly table of our institute.")
    )
    scopes = forms.MultipleChoiceField(label=_("What it reads"), choices=ApiScope, widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("365 days"))],
        initial=90,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Make the token"), "name", "scopes", "days")


class GrantRoleForm(forms.Form):
    """Who gets which role, at which place."""

    email = forms.EmailField(label=_("E-mail address of the account"), widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role)
    place = forms.ModelChoiceField(label=_("Institute or lab"), queryset=Place.objects.order_by("code"), required=False)
    note = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Grant"), FieldRow("email", "role"), FieldRow("place", "note"))

    def clean_email(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("No account has this address. Ask the person to make one first."))
        return user

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        needed = PLACE_OF_ROLE.get(data.get("role", ""))
        place = data.get("place")
        if needed and (place is None or place.kind != needed):
            self.add_error("place", _("This role is held at an institute or a lab: choose a fitting one."))
        if not needed and place is not None:
            self.add_error("place", _("This role is not held at a place: leave this empty."))
        return data


class NameForm(forms.ModelForm[User]):
    """What a person may change about herself."""

    class Meta:
        model = User
        fields = ("given_name", "family_name", "native_name", "language", "timezone", "country", "orcid")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name) for name in sorted(available_timezones())]
        self.fields["timezone"] = forms.ChoiceField(label=_("Time zone"), choices=zones)
        rows = (FieldRow("given_name", "family_name"), "native_name", FieldRow("language", "timezone"))
        self.helper = form_helper(self, _("Save"), *rows, FieldRow("country", "orcid"))


class RoleSearch(forms.Form):
    """Filters of the list of roles."""

    q = forms.CharField(label=_("Name or address"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All")), *Role.choices], required=False)
    all = forms.BooleanField(label=_("ended ones too"), required=False)

    def asked(self) -> dict[str, Any]:
        return dict(self.cleaned_data) if self.is_valid() else {}


class AuditSearch(forms.Form):
    """Filters of the audit trail."""

    q = forms.CharField(label=_("Person, verb or subject"), max_length=100, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))

    def asked(self) -> dict[str, Any]:
        return dict(self.cleaned_data) if self.is_valid() else {}
