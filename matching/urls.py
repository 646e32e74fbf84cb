"""Addresses of this room."""

from django.urls import path

from matching.views import after, choices, labs, lists, officers, results, sandbox, seats, seeds, supplement

app_name = "matching"
urlpatterns = [
    path("ranking/", labs.ranking, name="ranking"),
    path("ranking/<slug:key>/", labs.rank, name="rank"),
    path("ranking/<slug:key>/reopen/", labs.reopen, name="reopen"),
    path("ranking/<slug:key>/confirm/", labs.confirm, name="confirm"),
    path("ranking/<slug:key>/paste/", labs.paste, name="paste"),
    path("ranking/<slug:key>/drafts/", labs.drafts, name="drafts"),
    path("ranking/<slug:key>/seats/", seats.own_seats, name="own_seats"),
    path("ranking/<slug:key>/supplement/", supplement.of_lab, name="lab_supplement"),
    path("ranking/<slug:key>/interest/", labs.interest, name="interest"),
    path("matching/", officers.calls, name="calls"),
    path("matching/calls/<slug:key>/", officers.runs, name="runs"),
    path("matching/calls/<slug:key>/applicants-deadline/", choices.deadline, name="choices_deadline"),
    path("matching/calls/<slug:key>/seed/", seeds.seed, name="seed"),
    path("matching/calls/<slug:key>/seats/", seats.openings, name="openings"),
    path("matching/calls/<slug:key>/caps/<slug:code>/", seats.cap, name="cap"),
    path("matching/calls/<slug:key>/groups/", seats.group, name="group"),
    path("matching/calls/<slug:key>/groups/<slug:code>/", seats.group, name="group_edit"),
    path("matching/calls/<slug:key>/money/", seats.money, name="money"),
    path("matching/changes/<slug:key>/<slug:verb>/", seats.change, name="change"),
    path("matching/reversions/<slug:key>/<slug:verb>/", seats.reversion, name="reversion"),
    path("matching/seats/<slug:key>/", seats.seats, name="seats"),
    path("matching/runs/<slug:key>/", officers.run, name="run"),
    path("matching/runs/<slug:key>/what-if/", sandbox.what_if, name="what_if"),
    path("matching/runs/<slug:key>/study/", sandbox.study, name="study"),
    path("matching/runs/<slug:key>/after/", after.after, name="after"),
    path("matching/runs/<slug:key>/supplement/", supplement.supplement, name="supplement"),
    path("matching/runs/<slug:key>/progress/", officers.progress, name="progress"),
    path("matching/runs/<slug:key>/do/<slug:verb>/", officers.gesture, name="gesture"),
    path("matching/runs/<slug:key>/report.pdf", results.report, name="report"),
    path("matching/runs/<slug:key>/files/<str:name>", results.file, name="file"),
    path("results/", results.published, name="published"),
    path("matching/lists/<slug:key>/", lists.amend, name="amend"),
    path("matching/amendments/<slug:key>/<slug:verb>/", lists.amendment, name="amendment"),
    path("results/calls/<slug:key>/lists/", lists.seals, name="seals"),
    path("results/<slug:key>/", results.result, name="result"),
    path("results/<slug:key>/supplement/", supplement.own, name="own_supplement"),
    path("results/offers/<slug:key>/<slug:verb>/", supplement.answer, name="answer_wave_offer"),
    path("results/<slug:key>/order/", choices.choices, name="choices"),
    path("results/labs/<slug:key>/", results.lab_result, name="lab_result"),
]
