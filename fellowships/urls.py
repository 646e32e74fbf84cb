"""Addresses of this room."""

from django.urls import path

from fellowships import views

app_name = "fellowships"
urlpatterns = [
    path("appointments/", views.appointments, name="list"),
    path("appointments.csv", views.appointments_csv, name="list_csv"),
    path("appointments/mine/", views.mine, name="mine"),
    path("appointments/<slug:key>/", views.appointment, name="appointment"),
]
