"""Addresses of this room."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("me/", views.me, name="me"),
    path("me/details/", views.profile, name="profile"),
    path("me/consents/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("roles/", views.roles, name="roles"),
    path("roles/grant/", views.grant_role, name="grant_role"),
    path("roles/<int:pk>/end/", views.end_role, name="end_role"),
    path("people/audit/", views.audit, name="audit"),
    path("people/access/", views.access, name="access"),
    path("people/access.csv", views.access_csv, name="access_csv"),
]
