"""What is asked for when an appointment is to change: the fields that its kind needs, and a reason."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import fields_only
from fellowships.models import Appointment
from fellowships.states import AmendmentKind
from fellowships.versions import Change
from labs.models import Lab, PartnerOrganisation

DAY = forms.DateInput({"type": "date"})
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    AmendmentKind.START: ("from_on",),
    AmendmentKind.EXTENSION: ("until_on",),
    AmendmentKind.LAB: ("lab", "from_on"),
    AmendmentKind.LEAVE: ("from_on", "until_on"),
    AmendmentKind.MATERNITY: ("from_on", "until_on"),
    AmendmentKind.PARENTAL: ("from_on", "until_on"),
    AmendmentKind.REDUCED: ("from_on", "until_on", "percent"),
    AmendmentKind.SECONDMENT: ("partner", "from_on", "until_on"),
    AmendmentKind.END_EARLY: ("until_on",),
}
LABELS: Final[dict[tuple[str, str], Any]] = {
    (AmendmentKind.START, "from_on"): _("New first day"),
    (AmendmentKind.EXTENSION, "until_on"): _("New last day"),
    (AmendmentKind.END_EARLY, "until_on"): _("Last day of work"),
}


class ChangeForm(forms.Form):
    from_on = forms.DateField(label=_("From"), widget=DAY)
    until_on = forms.DateField(label=_("Until, this day included"), widget=DAY)
    lab = forms.ModelChoiceField(label=_("New lab"), queryset=Lab.objects.none())
    partner = forms.ModelChoiceField(label=_("Partner"), queryset=PartnerOrganisation.objects.all())
    percent = forms.IntegerField(label=_("Percent of the salary that is paid"), min_value=1, max_value=99)
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, data: Any = None, *, appointment: Appointment, kind: str, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.kind = kind
        labs = Lab.objects.filter(institute=appointment.institute_id).exclude(pk=appointment.lab_id)
        self.fields["lab"].queryset = labs  # type: ignore[attr-defined]
        for name in list(self.fields):
            if name != "reason" and name not in FIELDS[kind]:
                del self.fields[name]
            elif (kind, name) in LABELS:
                self.fields[name].label = LABELS[kind, name]
        self.helper = fields_only(self, *FIELDS[kind], "reason")

    def change(self) -> Change:
        data = self.cleaned_data
        lab = data.get("lab")
        return Change(
            kind=self.kind,
            from_on=data.get("from_on"),
            until_on=data.get("until_on"),
            lab=lab.code if lab else "",
            percent=data.get("percent"),
        )


class DecideForm(forms.Form):
    note = forms.CharField(label=_("Your words on it"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
