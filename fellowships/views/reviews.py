"""Pages of yearly reviews: those of one's lab or institute, and one of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships import actions
from fellowships.forms.reviews import ReviewDecisionForm, ReviewForm
from fellowships.models import YearlyReview
from fellowships.queries.reviews import reviews_visible_to
from people.requests import SignedRequest


@requires("fellowships.list_reviews")
def reviews(request: SignedRequest) -> HttpResponse:
    """The yearly reviews of her lab or institute; those that wait first."""
    rows = reviews_visible_to(request.user).exclude(appointment__fellow=request.user.pk)
    show_all = request.GET.get("state") == "all"
    shown = rows if show_all else rows.filter(is_renewed=None)
    page = key_page_for(request, shown, order=("due_on", "pk"))
    context = {"page": page, "count": shown.count(), "show_all": show_all, "is_filtered": False}
    return render(request, "fellowships/reviews.html", context)


@for_object(YearlyReview, "fellowships.view_review", looks_at="appointment.fellow")
def review(request: SignedRequest, review: YearlyReview) -> HttpResponse:
    """One review: the head writes it here, an officer decides, the fellow reads it."""
    may_write = request.user.has_perm("fellowships.write_review", review) and review.is_renewed is None
    may_decide = request.user.has_perm("fellowships.decide_review", review) and review.is_renewed is None
    verb = request.POST.get("verb", "")
    written = {"recommendation": review.recommendation or None, "words": review.words}
    form = ReviewForm(request.POST if may_write and not verb else None, initial=written)
    decision = ReviewDecisionForm(request.POST if may_decide and verb else None)
    if form.is_bound and form.is_valid():
        if attempt(form, lambda: actions.recommend(review, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Kept. The officers of the institute decide."))
            return redirect("fellowships:review", key=review.key)
    if decision.is_bound and decision.is_valid():
        data = {**decision.cleaned_data, "renews": verb == "renew"}
        if attempt(decision, lambda: actions.decide_review(review, by=request.user, **data)):
            messages.success(request, _("Decided; the fellow is told."))
            return redirect("fellowships:review", key=review.key)
    context = {"review": review, "appointment": review.appointment, "form": form, "decision": decision}
    context |= {"may_write": may_write, "may_decide": may_decide}
    status = max(status_of(form), status_of(decision))
    return render(request, "fellowships/review.html", context, status=status)
