"""An applicant's own page: what happened, all that is kept, deleting a draft; a sentence on each lab."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from applications import actions, queries
from applications.actions.submitting import NotErasable
from applications.models import Application, Document, ReferenceLetter
from applications.states import Section
from notifications.models import Notification
from tests.factories.applications import ApplicationFactory, DocumentFactory


def page(name: str, row: Any, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


def test_what_happened_is_told_in_her_words(client_of: Any, draft: Any, officer: Any) -> None:
    sent = actions.submit(draft, by=draft.applicant)
    actions.decline_letter(ReferenceLetter.objects.filter(application=sent).first(), by=None, note="secret reason")
    shown = client_of(sent.applicant).get(page("application", sent)).content.decode()
    for words in ("You began your application.", "You submitted version 1.", "was asked for a letter", "declined."):
        assert words in shown
    assert "secret reason" not in shown
    events = queries.timeline_of(Application.objects.get(pk=sent.pk))
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


def test_all_that_is_kept_comes_as_a_zip_without_others_words(client_of: Any, draft: Any, stranger: Any) -> None:
    letter = ReferenceLetter.objects.filter(application=draft).first()
    actions.submit_letter(letter, actions.Written("Between us: brilliant."), by=None)
    ApplicationFactory(applicant=stranger, call=draft.call)
    draft = actions.submit(draft, by=draft.applicant)
    answer = client_of(draft.applicant).get(reverse("applications:my_data"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = archive.namelist()
    folder = f"{draft.call.code}-{draft.key}"
    assert {"you.json", "consents.json", "who-looked.json", f"{folder}/application.json"} <= set(names)
    assert any(name.endswith(".pdf") for name in names)
    text = "".join(archive.read(name).decode() for name in names if name.endswith(".json"))
    assert draft.applicant.email in text
    assert "brilliant" not in text
    assert stranger.email not in text
    assert "password" not in text
    assert json.loads(archive.read(f"{folder}/version-1.json"))["content"]["number"] == draft.number


def test_a_draft_is_deleted_with_its_files_but_not_those_of_others(
    client_of: Any, draft: Any, stranger: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file = Document.objects.get(application=draft)
    shared = DocumentFactory(application=ApplicationFactory(call=draft.call))
    Document.objects.filter(pk=shared.pk).update(file=file.file.name)
    assert client_of(stranger).post(page("erase", draft)).status_code == 404
    own = DocumentFactory(application=draft, kind="plan", sha256="f" * 64)
    with django_capture_on_commit_callbacks(execute=True):
        erased = client_of(draft.applicant).post(page("erase", draft))
    assert erased["Location"] == reverse("applications:mine")
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert default_storage.exists(file.file.name)
    assert not default_storage.exists(own.file.name)
    assert Notification.objects.filter(kind="letter_cancelled").count() == draft.call.letters_needed


def test_what_was_submitted_once_is_not_deleted(client_of: Any, draft: Any) -> None:
    sent = actions.submit(draft, by=draft.applicant)
    again = actions.reopen(sent, by=sent.applicant)
    with pytest.raises(NotErasable):
        actions.erase_draft(again, by=again.applicant)
    assert "Delete the draft" not in client_of(again.applicant).get(page("application", again)).content.decode()


def test_a_sentence_on_each_lab_is_kept_sealed_and_put_back(
    client_of: Any, draft: Any, call_lab: Any, other_call_lab: Any
) -> None:
    signed, url = client_of(draft.applicant), page("section", draft, section=Section.LABS)
    first, second = str(call_lab.pk), str(other_call_lab.pk)
    data = {
        "ranked_labs": [first],
        f"lab_reasons-{first}": "Its lasers.",
        f"lab_reasons-{second}": "x",
        "motivation": "M",
    }
    assert signed.post(url, data).status_code == 302
    draft.refresh_from_db()
    assert draft.lab_reasons == {first: "Its lasers."}
    assert "Its lasers." in signed.get(url).content.decode()
    assert signed.post(url, {**data, f"lab_reasons-{first}": "x" * 301}).status_code == 422
    sent = actions.submit(draft, by=draft.applicant)
    assert sent.submissions.get().content["lab_reasons"] == {call_lab.lab.code: "Its lasers."}
    again = actions.reopen(sent, by=sent.applicant)
    actions.save_section(again, {"lab_reasons": {first: "Changed."}}, "", by=again.applicant)
    restored = actions.restore_last_version(Application.objects.get(pk=again.pk), by=None)
    assert restored.lab_reasons == {first: "Its lasers."}
