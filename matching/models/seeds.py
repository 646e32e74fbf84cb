"""Where the lottery's seed comes from: two officers' secrets, and perhaps a value that the world draws."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.models import PublicKeyed


class MatchPlan(models.Model):
    """What a call's match stands on besides seats and lists: the public value of its seed, the applicants' deadline.

    `public_source` names the value before the lists are due, `public_value` is entered once it was drawn after that.
    Without a row, or without a source, the seed is made of the officers' secrets alone.
    """

    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="match_plan")
    choices_due_at = models.DateTimeField(_("applicants may change their order until"), null=True)
    public_source = models.CharField(_("the public value that is added"), max_length=300, blank=True)
    public_value = models.CharField(_("the value as it was drawn"), max_length=200, blank=True)
    value_at = models.DateTimeField(null=True)
    value_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("plan of a match")
        verbose_name_plural = _("plans of matches")
        constraints = (
            models.CheckConstraint(
                condition=Q(public_value="") | Q(public_source__gt="", value_by__isnull=False),
                name="public_value_was_named",
            ),
        )

    def __str__(self) -> str:
        return str(self.call)


class SeedShare(PublicKeyed):
    """One officer's secret for the seed. Its hash is public at once; the secret is, once the match is published.

    `sealed` is the secret encrypted, or empty while she keeps it herself. A share whose secret is lost is given up by
    another officer, with a reason, and somebody commits anew.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="seed_shares")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("line of the seed"))
    sha256 = models.CharField(max_length=64)
    sealed = models.TextField(blank=True)
    revealed = models.CharField(max_length=200, blank=True)
    committed_at = models.DateTimeField(default=timezone.now)
    given_up_at = models.DateTimeField(null=True)
    given_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("officer's secret")
        verbose_name_plural = _("officers' secrets")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("call", "officer"), condition=Q(given_up_at=None), name="one_share_each"),
            models.UniqueConstraint(fields=("call", "position"), condition=Q(given_up_at=None), name="share_on_a_line"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=2), name="two_shares_make_a_seed"),
            models.CheckConstraint(
                condition=Q(given_up_at=None)
                | Q(given_up_by__isnull=False, reason__gt="") & ~Q(given_up_by=F("officer")),
                name="share_given_up_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} · {self.position}"

    @property
    def is_held(self) -> bool:
        """Whether the secret is here, so that the seed can be made."""
        return bool(self.sealed or self.revealed)
