"""Forms of mentoring."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from mentoring.models import Meeting, Mentor, Transition
from mentoring.queries import with_load
from mentoring.states import MentorKind


class MentorChoice(forms.ModelChoiceField[Mentor]):
    def label_from_instance(self, obj: Any) -> str:
        """Name, home and how many she guides."""
        return _("%(name)s · %(home)s · %(load)s of %(most)s fellows") % {
            "name": obj.user.full_name,
            "home": obj.home,
            "load": obj.load,
            "most": obj.most_fellows,
        }


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
