"""Addresses of the dashboard and of reports."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/labs.csv", views.labs_csv, name="labs_csv"),
    path("reports/", views.report_list, name="list"),
    path("reports/<slug:key>/", views.report, name="report"),
    path("reports/<slug:key>/progress/", views.progress, name="progress"),
    path("reports/<slug:key>/file/", views.download, name="download"),
]
