"""Numbers that change by date: data with a source, entered by one person and confirmed by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.states import RuleCode


class MoneyRule(models.Model):
    """One number from one day on. Only a confirmed one counts; what is not there refuses."""

    code = models.CharField(_("rule"), max_length=40, choices=RuleCode)
    from_on = models.DateField(_("from"))
    value = models.BigIntegerField(_("value"))
    source = models.CharField(_("source"), max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("rule of money")
        verbose_name_plural = _("rules of money")
        ordering = ("code", "-from_on")
        constraints = (
            # the value in force on a day
            models.UniqueConstraint(fields=("code", "from_on"), name="money_rule_once_a_day"),
            models.CheckConstraint(condition=Q(value__gte=0), name="money_rule_not_negative"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(entered_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="money_rule_needs_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.from_on}"
