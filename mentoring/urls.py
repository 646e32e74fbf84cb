"""Addresses of mentoring."""

from django.urls import path

from mentoring import views

app_name = "mentoring"
urlpatterns = [
    path("mentoring/", views.mine, name="mine"),
    path("mentoring/mentors/", views.mentors, name="mentors"),
    path("mentoring/mentors/new/", views.enrol, name="enrol"),
    path("mentoring/mentors/<slug:key>/", views.edit_mentor, name="edit_mentor"),
    path("mentoring/fellows/", views.fellows, name="fellows"),
    path("mentoring/fellows/<slug:key>/", views.assign, name="assign"),
    path("mentoring/fellows/<slug:key>/after/", views.transition, name="transition"),
    path("mentoring/<slug:key>/", views.assignment, name="assignment"),
    path("mentoring/<slug:key>/end/", views.end, name="end"),
]
