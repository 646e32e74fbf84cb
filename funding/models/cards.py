"""Cards of an institute in fellows' hands, the statements of the card company, and each charge on them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from funding.models.books import Entry
from funding.states import CHARGE_COLOURS, CHARGE_MOVES, ChargeState
from labs.models import Institute


class ResearchCard(PublicKeyed):
    """A card of the institute that a fellow pays with: what is paid, the institute owes to the card company.

    Only the last four digits are kept: they suffice to know whose charge it is.
    """

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="cards")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="cards")
    issuer = models.CharField(_("card company"), max_length=40)
    last_four = models.CharField(_("last four digits"), max_length=4)
    given_on = models.DateField(_("given on"))
    ended_on = models.DateField(_("taken back or blocked on"), null=True)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("research card")
        verbose_name_plural = _("research cards")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(last_four__regex=r"^[0-9]{4}$"), name="card_ends_with_four_digits"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("given_on")), name="card_ends_after"),
            # by its last digits a charge finds one card
            models.UniqueConstraint(
                fields=("institute", "last_four"), condition=Q(ended_on=None), name="one_card_with_these_digits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.issuer} •••• {self.last_four}"


class CardStatement(PublicKeyed):
    """A file of the card company, as it was entered: how many charges, and their sum."""

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="card_statements")
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    number_of_charges = models.PositiveIntegerField(_("charges"))
    total_krw = models.BigIntegerField(_("total"))
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("card statement")
        verbose_name_plural = _("card statements")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("institute", "sha256"), name="card_statement_once"),
            models.CheckConstraint(condition=Q(number_of_charges__gt=0), name="card_statement_counts"),
        )

    def __str__(self) -> str:
        return self.name


class CardCharge(PublicKeyed):
    """One payment by card (negative: a cancellation): she accounts for it by a claim, or pays it back."""

    MOVES: ClassVar = CHARGE_MOVES
    COLOURS: ClassVar = CHARGE_COLOURS

    statement = models.ForeignKey(CardStatement, on_delete=models.PROTECT, related_name="charges")
    card = models.ForeignKey(ResearchCard, on_delete=models.PROTECT, related_name="charges")
    approval = models.CharField(_("approval number"), max_length=20)
    used_on = models.DateField(_("day"))
    merchant = models.CharField(_("merchant"), max_length=100)
    amount_krw = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=ChargeState, default=ChargeState.OPEN)
    reminded_at = models.DateTimeField(null=True)
    # why she owes it, or why a cancellation goes back to her fund; who said so; the entry in the books
    words = models.CharField(_("why"), max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="card_charge")

    class Meta:
        verbose_name = _("card charge")
        verbose_name_plural = _("card charges")
        ordering = ("-used_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(amount_krw=0), name="charge_counts"),
            models.UniqueConstraint(fields=("card", "approval", "amount_krw"), name="charge_once_a_card"),
            models.CheckConstraint(
                condition=~Q(state__in=["owed", "refunded"]) | Q(words__gt="", entry__isnull=False),
                name="decided_charge_says_why",
            ),
        )
        # what waits, oldest first
        indexes = (models.Index(fields=("used_on", "id"), condition=Q(state="open"), name="charges_open"),)

    def __str__(self) -> str:
        return f"{self.merchant} {self.amount_krw:,}"
