"""Addresses of this room."""

from django.urls import URLPattern

app_name = "fellowships"
urlpatterns: list[URLPattern] = []
