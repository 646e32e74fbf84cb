"""Input of the match: an order, seats, an interest, a reason."""

from matching.forms.ranking import AmendForm, CoupleForm, InterestForm, OrderForm, PasteForm
from matching.forms.runs import DiscardForm, InstantForm, SecretForm, SourceForm, ValueForm
from matching.forms.sandbox import SandboxForm
from matching.forms.seats import CapForm, GiveOverForm, GroupForm, MoneyForm, ReversionForm, SeatsForm
from matching.forms.supplement import SupplementForm

__all__ = [
    "AmendForm",
    "CapForm",
    "CoupleForm",
    "DiscardForm",
    "GiveOverForm",
    "GroupForm",
    "InstantForm",
    "InterestForm",
    "MoneyForm",
    "OrderForm",
    "PasteForm",
    "ReversionForm",
    "SandboxForm",
    "SeatsForm",
    "SecretForm",
    "SourceForm",
    "SupplementForm",
    "ValueForm",
]
