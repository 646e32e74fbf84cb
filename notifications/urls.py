"""Addresses of this room."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.mine, name="mine"),
    path("messages/<slug:key>/", views.message, name="message"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/bounces/", views.bounces, name="bounces"),
]
