"""Addresses of this room."""

from django.urls import path

from fellowships.views import appointments, onboarding, reviews

app_name = "fellowships"
urlpatterns = [
    path("appointments/", appointments.appointments, name="list"),
    path("appointments.csv", appointments.appointments_csv, name="list_csv"),
    path("appointments/mine/", appointments.mine, name="mine"),
    path("appointments/reviews/", reviews.reviews, name="reviews"),
    path("appointments/<slug:key>/", appointments.appointment, name="appointment"),
    path("appointments/<slug:key>/onboarding/", onboarding.onboarding, name="onboarding"),
    path("appointments/<slug:key>/visa/", onboarding.visa, name="visa"),
    path("appointments/reviews/<slug:key>/", reviews.review, name="review"),
    path("onboarding/", onboarding.cases, name="cases"),
    path("onboarding/items/<slug:key>/", onboarding.hand_in, name="hand_in"),
    path("onboarding/items/<slug:key>/decide/", onboarding.decide_item, name="decide_item"),
    path("onboarding/papers/<slug:key>/", onboarding.paper, name="paper"),
]
