"""Addresses of this room."""

from django.urls import path

from reviews.views import assigning, reviewing

app_name = "reviews"
urlpatterns = [
    path("reviews/", reviewing.queue, name="queue"),
    path("reviews/calls/", assigning.calls, name="calls"),
    path("reviews/calls/<slug:key>/", assigning.assignment, name="assignment"),
    path("reviews/calls/<slug:key>/reviewers/", assigning.reviewers, name="reviewers"),
    path("reviews/calls/<slug:key>/proposal/", assigning.proposal, name="proposal"),
    path("reviews/calls/<slug:key>/criteria/", assigning.criteria, name="criteria"),
    path("reviews/applications/<slug:key>/", assigning.application, name="application"),
    path("reviews/applications/<slug:key>/assign/", assigning.assign, name="assign"),
    path("reviews/<slug:key>/", reviewing.review, name="review"),
    path("reviews/<slug:key>/declare/", reviewing.declare, name="declare"),
    path("reviews/<slug:key>/write/", reviewing.write, name="write"),
    path("reviews/<slug:key>/autosave/", reviewing.autosave, name="autosave"),
    path("reviews/<slug:key>/reopen/", reviewing.reopen, name="reopen"),
    path("reviews/<slug:key>/take-back/", assigning.take_back, name="take_back"),
    path("reviews/<slug:key>/documents/<slug:document>/", reviewing.paper, name="paper"),
    path("reviews/<slug:key>/letters/<slug:letter>/", reviewing.letter, name="letter"),
    path("conflicts/", assigning.conflicts, name="conflicts"),
]
