"""Addresses of this room."""

from django.urls import path

from applications.views import calls, documents, letters, screening, writing

app_name = "applications"
urlpatterns = [
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.new, name="new_call"),
    path("calls/<slug:key>/", calls.call, name="call"),
    path("calls/<slug:key>/edit/", calls.edit, name="edit_call"),
    path("calls/<slug:key>/apply/", writing.start, name="start"),
    path("calls/<slug:key>/do/<slug:verb>/", calls.gesture, name="call_gesture"),
    path("applications/", writing.mine, name="mine"),
    path("applications/<slug:key>/", writing.application, name="application"),
    path("applications/<slug:key>/submit/", writing.submit, name="submit"),
    path("applications/<slug:key>/reopen/", writing.reopen, name="reopen"),
    path("applications/<slug:key>/withdraw/", writing.withdraw, name="withdraw"),
    path("applications/<slug:key>/receipt/", writing.receipt, name="receipt"),
    path("applications/<slug:key>/receipt.pdf", writing.receipt_pdf, name="receipt_pdf"),
    path("applications/<slug:key>/letters/", documents.referees, name="referees"),
    path("applications/<slug:key>/letters/ask/", documents.ask, name="ask"),
    path("applications/<slug:key>/upload/", documents.upload, name="upload"),
    path("applications/<slug:key>/form/<slug:section>/", writing.section, name="section"),
    path("applications/<slug:key>/form/<slug:section>/save/", writing.autosave, name="autosave"),
    path("documents/<slug:key>/", documents.document, name="document"),
    path("documents/<slug:key>/remove/", documents.remove, name="remove_document"),
    path("letters/lost/", letters.find_link, name="find_link"),
    path("letters/file/<slug:key>/", documents.letter_file, name="letter_file"),
    path("letters/asked/<slug:key>/<slug:verb>/", documents.letter_gesture, name="letter_gesture"),
    path("letters/<str:token>/", letters.letter, name="letter"),
    path("letters/<str:token>/save/", letters.autosave, name="letter_autosave"),
    path("letters/<str:token>/decline/", letters.decline, name="letter_decline"),
    path("letters/<str:token>/sent/", letters.sent, name="letter_sent"),
    path("screening/", screening.desk, name="screening"),
    path("screening.csv", screening.desk_csv, name="screening_csv"),
    path("screening/<slug:key>/", screening.dossier, name="dossier"),
    path("receipts/verify/", screening.verify, name="verify"),
]
