"""Addresses of this room."""

from django.urls import path

from matching import views

app_name = "matching"
urlpatterns = [
    path("ranking/", views.ranking, name="ranking"),
    path("ranking/<slug:key>/", views.rank, name="rank"),
    path("ranking/<slug:key>/reopen/", views.reopen, name="reopen"),
    path("ranking/<slug:key>/interest/", views.interest, name="interest"),
    path("matching/", views.calls, name="calls"),
    path("matching/calls/<slug:key>/", views.runs, name="runs"),
    path("matching/seats/<slug:key>/", views.seats, name="seats"),
    path("matching/runs/<slug:key>/", views.run, name="run"),
    path("matching/runs/<slug:key>/progress/", views.progress, name="progress"),
    path("matching/runs/<slug:key>/do/<slug:verb>/", views.gesture, name="gesture"),
    path("matching/runs/<slug:key>/files/<str:name>", views.file, name="file"),
    path("results/", views.published, name="published"),
    path("results/<slug:key>/", views.result, name="result"),
    path("results/labs/<slug:key>/", views.lab_result, name="lab_result"),
]
