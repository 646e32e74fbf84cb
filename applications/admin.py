"""The support desk of calls and applications. What letters say is not shown here."""

from django.contrib import admin

from applications.models import (
    Application,
    AssistantLink,
    BlindWord,
    Call,
    CallLab,
    Correction,
    Document,
    EligibilityRule,
    FormSection,
    FormVersion,
    FreeMailDomain,
    LateAccess,
    PastLink,
    Question,
    ReferenceLetter,
    Submission,
    Waiver,
)
from common.admin import ReferenceDesk, SupportDesk


@admin.register(Call)
class CallDesk(SupportDesk):
    list_display = ("code", "name_en", "opens_at", "closes_at", "state")
    list_filter = ("state",)
    search_fields = ("code", "name_en", "name_ko")


@admin.register(CallLab)
class CallLabDesk(SupportDesk):
    list_display = ("call", "lab", "seats_announced")
    list_filter = ("call",)
    list_select_related = ("call", "lab")


@admin.register(Application)
class ApplicationDesk(SupportDesk):
    list_display = ("__str__", "name", "applicant", "state", "submitted_at")
    list_filter = ("call", "state")
    search_fields = ("number", "given_name", "family_name", "native_name", "applicant__email")
    list_select_related = ("call", "applicant")


@admin.register(Submission)
class SubmissionDesk(SupportDesk):
    list_display = ("application", "version", "sha256", "submitted_at")
    search_fields = ("sha256",)
    list_select_related = ("application__call",)


@admin.register(Document)
class DocumentDesk(SupportDesk):
    list_display = ("application", "kind", "size", "pages", "is_current", "uploaded_at")
    list_filter = ("kind", "is_current")
    list_select_related = ("application__call",)
    exclude = ("file",)


@admin.register(ReferenceLetter)
class LetterDesk(SupportDesk):
    list_display = ("application", "referee_name", "email", "state", "asked_at", "received_at")
    list_filter = ("state",)
    search_fields = ("referee_name", "email")
    list_select_related = ("application__call",)
    exclude = ("text", "text_marks", "draft_text", "draft_figures", "file", "file_name", "link_sha256")


@admin.register(PastLink)
class PastLinkDesk(SupportDesk):
    list_display = ("letter", "is_valid", "replaced_at")
    list_select_related = ("letter__application__call",)
    exclude = ("sha256",)


@admin.register(FormSection)
class FormSectionDesk(SupportDesk):
    list_display = ("name_en", "call", "position")
    list_filter = ("call",)
    list_select_related = ("call",)


@admin.register(Question)
class QuestionDesk(SupportDesk):
    list_display = ("code", "call", "kind", "label_en", "is_required", "is_blind")
    list_filter = ("call", "kind", "is_blind")
    search_fields = ("code", "label_en", "label_ko")
    list_select_related = ("call",)


@admin.register(FormVersion)
class FormVersionDesk(SupportDesk):
    list_display = ("call", "version", "made_at", "made_by")
    list_filter = ("call",)
    list_select_related = ("call", "made_by")


@admin.register(BlindWord)
class BlindWordDesk(ReferenceDesk):
    list_display = ("ground", "pattern", "is_active")
    list_filter = ("ground", "is_active")


@admin.register(Correction)
class CorrectionDesk(SupportDesk):
    list_display = ("application", "state", "until", "asked_by", "asked_at")
    list_filter = ("state",)
    list_select_related = ("application__call", "asked_by")


@admin.register(AssistantLink)
class AssistantLinkDesk(SupportDesk):
    list_display = ("letter", "made_at", "used_at")
    list_select_related = ("letter__application__call",)
    exclude = ("sha256",)


@admin.register(Waiver)
class WaiverDesk(SupportDesk):
    list_display = ("application", "has_waived", "language", "said_at")
    list_select_related = ("application__call",)


@admin.register(FreeMailDomain)
class FreeMailDesk(ReferenceDesk):
    list_display = ("domain",)
    search_fields = ("domain",)


@admin.register(LateAccess)
class LateAccessDesk(SupportDesk):
    list_display = ("call", "email", "until", "made_by", "used_at")
    list_filter = ("call",)
    list_select_related = ("call", "made_by")
    exclude = ("code_sha256",)


@admin.register(EligibilityRule)
class EligibilityRuleDesk(SupportDesk):
    list_display = ("label_en", "call", "kind", "is_allowed", "needs_officer")
    list_filter = ("call", "kind")
    list_select_related = ("call",)
