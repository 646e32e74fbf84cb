"""Late access: a personal code that lets one applicant write after the deadline, until an instant."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from applications.models.calls import Call
from common.models import PublicKeyed


class LateAccess(PublicKeyed):
    """Who may write late, until when and why; of the code only the hash is kept."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="late_accesses")
    email = models.EmailField(_("applicant's e-mail address"))
    code_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=now)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="late_accesses"
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("late access")
        verbose_name_plural = _("late accesses")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="late_access_until_later"),
            models.CheckConstraint(
                condition=Q(used_by=None, used_at=None) | Q(used_by__isnull=False, used_at__isnull=False),
                name="late_access_used_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} · {self.email}"
