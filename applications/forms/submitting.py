"""Starting with one's consents, withdrawing, verifying a receipt."""

import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.crispy import form_helper
from people.models import ConsentText


class StartForm(forms.Form):
    """One box for each text that is in force."""

    def __init__(self, *args: Any, texts: list[ConsentText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = {f"consent_{text.pk}": text for text in texts}
        korean = (get_language() or "en").startswith("ko")
        for name, text in self.texts.items():
            words = text.text_ko if korean else text.text_en
            self.fields[name] = forms.BooleanField(label=words, required=text.is_required)
        self.helper = form_helper(self, _("Start my application"))

    def given(self) -> list[ConsentText]:
        """The texts that she said yes to."""
        return [text for name, text in self.texts.items() if self.cleaned_data.get(name)]


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you withdraw?"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Officers read it. It helps to make the programme better."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False


class VerifyForm(forms.Form):
    """What stands on a receipt."""

    number = forms.CharField(label=_("Receipt number"), max_length=40)
    sha256 = forms.CharField(
        label=_("Check code (64 letters and digits)"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Verify"))

    def clean_sha256(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["sha256"]).lower()
        if not re.fullmatch(r"[0-9a-f]{64}", code):
            raise forms.ValidationError(_("The check code has 64 digits and letters from a to f."))
        return code
