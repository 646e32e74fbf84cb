"""Addresses of this room."""

from django.urls import path

from reviews.views import assigning, interviewed, interviewing, reviewing

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
    path("interviews/", interviewing.labs, name="interviews"),
    path("interviews/labs/<int:pk>/start/", interviewing.start, name="start_interviews"),
    path("interviews/labs/<slug:key>/", interviewing.of_lab, name="interviews_of_lab"),
    path("interviews/labs/<slug:key>/terms/", interviewing.terms, name="interview_terms"),
    path("interviews/labs/<slug:key>/times/", interviewing.times, name="interview_times"),
    path("interviews/labs/<slug:key>/candidates/", interviewing.candidates, name="interview_candidates"),
    path("interviews/labs/<slug:key>/publish/", interviewing.publish, name="publish_interviews"),
    path("interviews/<slug:key>/", interviewing.interview, name="interview"),
    path("interviews/<slug:key>/held/<slug:verb>/", interviewing.held, name="interview_held"),
    path("interviews/<slug:key>/off/", interviewing.off, name="interview_off"),
    path("interviews/<slug:key>/own/", interviewed.own, name="own_interview"),
    path("interviews/<slug:key>/own/decline/", interviewed.decline, name="decline_interview"),
    path("interviews/<slug:key>/own/calendar.ics", interviewed.calendar, name="interview_calendar"),
    path("conflicts/", assigning.conflicts, name="conflicts"),
]
