"""Addresses of this room."""

from django.urls import path

from labs import views

app_name = "labs"
urlpatterns = [
    path("labs/", views.labs, name="list"),
    path("labs/new/", views.add, name="add"),
    path("labs/<slug:key>/", views.lab, name="detail"),
    path("labs/<slug:key>/edit/", views.edit, name="edit"),
    path("labs/<slug:key>/people/", views.people, name="people"),
    path("labs/<slug:key>/people/<int:pk>/end/", views.end_member, name="end_member"),
    path("labs/<slug:key>/partners/", views.joined, name="joined"),
    path("labs/<slug:key>/partners/<int:pk>/end/", views.end_partner, name="end_partner"),
    path("partners/", views.partners, name="partners"),
    path("partners/new/", views.add_partner, name="add_partner"),
    path("partners/<slug:key>/", views.partner, name="partner"),
    path("partners/<slug:key>/edit/", views.edit_partner, name="edit_partner"),
]
