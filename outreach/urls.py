"""Addresses of this room."""

from django.urls import path

from outreach import views

app_name = "outreach"
urlpatterns = [
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/new/", views.add, name="add"),
    path("sessions/<slug:key>/register/", views.register, name="register"),
    path("sessions/<slug:key>/registered/", views.registered, name="registered"),
    path("sessions/<slug:key>/edit/", views.edit, name="edit"),
    path("sessions/<slug:key>/registrations/", views.registrations, name="registrations"),
    path("sessions/<slug:key>/registrations.csv", views.registrations_csv, name="registrations_csv"),
    path("sessions/<slug:key>/<slug:verb>/", views.gesture, name="gesture"),
    path("registrations/<slug:key>/", views.registration, name="registration"),
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/new/", views.add_campaign, name="add_campaign"),
    path("campaigns/<slug:code>/", views.edit_campaign, name="edit_campaign"),
]
