"""Which report is asked for."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from reports.states import ReportFormat, ReportKind


class ReportForm(forms.Form):
    """Which report, as which file, in which language."""

    kind = forms.ChoiceField(label=_("Report"), choices=ReportKind)
    file_format = forms.ChoiceField(label=_("Format"), choices=ReportFormat)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", (get_language() or "en")[:2])
        self.helper = form_helper(self, _("Make this report"), "kind", FieldRow("file_format", "language"))
