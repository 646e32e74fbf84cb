"""Input of the match: an order, seats, an interest, a reason."""

from matching.forms.ranking import InterestForm, OrderForm
from matching.forms.runs import DiscardForm, InstantForm, SecretForm, SourceForm, ValueForm
from matching.forms.seats import SeatsForm

__all__ = [
    "DiscardForm",
    "InstantForm",
    "InterestForm",
    "OrderForm",
    "SeatsForm",
    "SecretForm",
    "SourceForm",
    "ValueForm",
]
