"""Double entry that the database itself keeps right: balanced, append-only, never below zero where guarded."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from common.triggers import append_only
from fellowships.models import Offer
from funding.states import AccountKind, Purpose
from labs.models import Institute, Lab


class Account(PublicKeyed):
    """An account of one kind, of one owner, for one fiscal year.

    `balance_krw` is a cache that a trigger on the lines keeps; a guarded account can never fall below zero, whatever
    runs at the same time, for the check is made under the lock of this row.
    """

    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    purpose = models.CharField(_("purpose"), max_length=14, choices=Purpose, default=Purpose.NONE, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, null=True, related_name="accounts")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, null=True, related_name="accounts")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="accounts")
    is_guarded = models.BooleanField(_("never below zero"), default=False)
    balance_krw = models.BigIntegerField(_("balance"), default=0, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=Q(is_guarded=False) | Q(balance_krw__gte=0), name="account_not_overdrawn"),
            models.CheckConstraint(
                condition=Q(is_guarded=True, kind__in=["programme", "institute", "lab", "committed", "matched"])
                | Q(is_guarded=False) & ~Q(kind__in=["programme", "institute", "lab", "committed", "matched"]),
                name="budget_accounts_are_guarded",
            ),
        )
        indexes = (
            # sums by kind for a year, by institute and lab
            models.Index(fields=("kind", "fiscal_year", "institute", "lab"), name="accounts_by_kind"),
            models.Index(fields=("offer",), condition=Q(offer__isnull=False), name="accounts_of_offer"),
        )

    def __str__(self) -> str:
        return self.code


class Entry(PublicKeyed):
    """One business event in the books. `event` is its idempotency key: posting it twice is one entry."""

    at = models.DateTimeField(db_default=Now())
    booked_on = models.DateField(_("day"))
    event = models.CharField(_("event"), max_length=120, unique=True)
    words = models.CharField(_("what for"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    source_type = models.CharField(max_length=80, blank=True)
    source_id = models.CharField(max_length=40, blank=True)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ("-pk",)
        # the entries that one business event caused
        indexes = (models.Index(fields=("source_type", "source_id"), name="entries_of_source"),)
        # besides, migration 0005 lets no entry stand without lines
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.booked_on} {self.words}"


class Line(models.Model):
    """One signed amount on one account; the lines of an entry sum to zero."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    amount_krw = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = (models.CheckConstraint(condition=~Q(amount_krw=0), name="line_moves_something"),)
        # an account's statement, newest first
        indexes = (models.Index(fields=("account", "-id"), name="lines_of_account"),)
        # besides, migration 0005 lets the lines of an entry sum to nothing but zero
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="keep_balances",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_lines"),  # type: ignore[no-untyped-call]
                func="""
                    PERFORM 1 FROM funding_account
                        WHERE id IN (SELECT account_id FROM new_lines) ORDER BY id FOR UPDATE;
                    UPDATE funding_account AS account
                        SET balance_krw = account.balance_krw + moved.amount
                        FROM (SELECT account_id, sum(amount_krw) AS amount FROM new_lines GROUP BY account_id) AS moved
                        WHERE account.id = moved.account_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_krw:,}"
