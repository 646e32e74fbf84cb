"""Forms of mentoring."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.asking import keep_limits
from common.crispy import FieldRow, form_helper
from mentoring.models import Meeting, Mentor, Transition
from mentoring.queries import with_load
from mentoring.states import MentorKind
from people.models import User


class MentorChoice(forms.ModelChoiceField[Mentor]):
    def label_from_instance(self, obj: Any) -> str:
        """Name, home and how many she guides."""
        return _("%(name)s · %(home)s · %(load)s of %(most)s fellows") % {
            "name": obj.user.full_name,
            "home": obj.home,
            "load": obj.load,
            "most": obj.most_fellows,
        }


class MentorForm(forms.ModelForm[Mentor]):
    """What a mentor can guide in, and how many fellows she takes."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of guidance"), choices=MentorKind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Mentor
        fields = ("kinds", "expertise", "most_fellows", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Save"))


class EnrolForm(forms.ModelForm[Mentor]):
    """Who becomes a mentor, and where she works: at an institute or at a partner organisation."""

    email = forms.EmailField(label=_("E-mail address of her account"), widget=forms.EmailInput({"autocomplete": "off"}))
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of guidance"), choices=MentorKind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Mentor
        fields = ("institute", "organisation", "kinds", "expertise", "most_fellows")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_limits(self)
        rows = ("email", FieldRow("institute", "organisation"), "kinds", FieldRow("expertise", "most_fellows"))
        self.helper = form_helper(self, _("Enrol this mentor"), *rows)

    def clean_email(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("Nobody has an account with this address. She makes one by signing up."))
        if Mentor.objects.filter(user=user).exists():
            raise forms.ValidationError(_("She is a mentor already."))
        return user

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if bool(data.get("institute")) == bool(data.get("organisation")):
            self.add_error("organisation", _("Choose an institute or a partner organisation, one of the two."))
        return data

    def _post_clean(self) -> None:
        """The action makes the row."""


class AssignForm(forms.Form):
    """Which mentor, of which kind, from when."""

    mentor = MentorChoice(label=_("Mentor"), queryset=Mentor.objects.none())
    kind = forms.ChoiceField(label=_("Kind"), choices=MentorKind)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mentors = Mentor.objects.filter(is_active=True).select_related("user", "institute", "organisation")
        self.fields["mentor"].queryset = with_load(mentors).order_by("user__family_name", "pk")  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Assign this mentor"), "mentor", FieldRow("kind", "starts_on"))


class MeetingForm(forms.ModelForm[Meeting]):
    """What was said, what comes next."""

    minutes = forms.IntegerField(label=_("minutes"), min_value=1, max_value=24 * 60, initial=60)

    class Meta:
        model = Meeting
        fields = ("held_on", "minutes", "notes", "goals", "next_on")
        widgets = {
            "held_on": forms.DateInput({"type": "date"}),
            "next_on": forms.DateInput({"type": "date"}),
            "notes": forms.Textarea({"rows": 5}),
            "goals": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Keep this meeting"), FieldRow("held_on", "minutes"), "notes", "goals", "next_on"
        )

    def _post_clean(self) -> None:
        """The action judges the days; the row is only filled here."""
        self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)


class TransitionForm(forms.ModelForm[Transition]):
    """Where a fellow went."""

    class Meta:
        model = Transition
        fields = ("destination", "organisation", "position", "starts_on")
        widgets = {"starts_on": forms.DateInput({"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Record"))


class MentorSearch(forms.Form):
    """Find a mentor by name, home or expertise."""

    q = forms.CharField(label=_("Name, home or expertise"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), *MentorKind.choices], required=False)

    @property
    def narrows(self) -> bool:
        """Whether anything was searched for."""
        return self.is_valid() and any(self.cleaned_data.values())
