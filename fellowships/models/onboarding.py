"""What has to be done before a fellow begins: items of her checklist and the papers handed in for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.models.applications import MEDIA_TYPES
from applications.states import ScanState
from common.models import PublicKeyed
from fellowships.models.appointments import Appointment
from fellowships.onboarding import Demand, demands
from fellowships.states import ITEM_COLOURS, ITEM_MOVES, ItemState


class OnboardingItem(PublicKeyed):
    """One thing of a checklist: what `fellowships.onboarding` says of its code, by when, and how it stands."""

    MOVES: ClassVar = ITEM_MOVES
    COLOURS: ClassVar = ITEM_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="onboarding")
    code = models.CharField(_("what"), max_length=30)
    position = models.PositiveSmallIntegerField()
    owner = models.CharField(_("who does it"), max_length=10)
    due_on = models.DateField(_("due"))
    expected_on = models.DateField(_("expected on"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=ItemState, default=ItemState.OPEN)
    note = models.CharField(_("note"), max_length=500, blank=True)
    agreed_sha256 = models.CharField(_("hash of the text agreed to"), max_length=64, blank=True)
    handed_in_at = models.DateTimeField(null=True)
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("item of onboarding")
        verbose_name_plural = _("items of onboarding")
        ordering = ("appointment", "due_on", "position")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "code"), name="onboarding_item_once"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_by__isnull=False), name="confirmed_item_says_by_whom"
            ),
        )
        indexes = (
            # what is due, for reminders and the officers' desk
            models.Index(fields=("due_on",), condition=Q(state__in=["open", "returned"]), name="onboarding_items_due"),
        )

    def __str__(self) -> str:
        return f"{self.appointment} · {self.code}"

    @property
    def demand(self) -> Demand:
        return demands()[self.code]

    @property
    def title(self) -> str:
        """What it is, in the language in use."""
        return self.demand.title_ko if (get_language() or "en").startswith("ko") else self.demand.title_en

    @property
    def why(self) -> str:
        return self.demand.why_ko if (get_language() or "en").startswith("ko") else self.demand.why_en

    @property
    def text(self) -> str:
        """What is agreed to, in the language in use; empty where nothing is."""
        return self.demand.text_ko if (get_language() or "en").startswith("ko") else self.demand.text_en

    @property
    def is_waiting(self) -> bool:
        """Somebody still has to do it."""
        return self.state in {ItemState.OPEN, ItemState.RETURNED}

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_on < timezone.localdate()


def paper_path(paper: "OnboardingPaper", filename: str) -> str:
    """Where a paper is kept: by the hash of its content, so no name of a person is in a path."""
    suffix = filename.rpartition(".")[2].lower()
    return f"onboarding/{paper.sha256[:2]}/{paper.sha256}.{suffix if suffix in MEDIA_TYPES else 'pdf'}"


class OnboardingPaper(PublicKeyed):
    """A file handed in for an item; private to the fellow and the officers of her institute. Earlier ones are kept."""

    item = models.ForeignKey(OnboardingItem, on_delete=models.PROTECT, related_name="papers")
    file = models.FileField(_("file"), upload_to=paper_path, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.PositiveIntegerField(_("pages"))
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(_("malware"), max_length=10, choices=ScanState, default=ScanState.NONE)
    is_current = models.BooleanField(default=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("paper of onboarding")
        verbose_name_plural = _("papers of onboarding")
        constraints = (
            models.UniqueConstraint(fields=("item",), condition=Q(is_current=True), name="one_current_paper_an_item"),
        )

    def __str__(self) -> str:
        return f"{self.item} · {self.name}"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(self.name.rpartition(".")[2].lower(), MEDIA_TYPES["pdf"])
