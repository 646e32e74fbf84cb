"""A report: asked for once, made by one worker, kept as one file, read by whoever asked and still may."""

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from common import jobs
from common.audit import history_of
from common.job_states import JobState
from common.models import LOST_AFTER
from notifications.models import Notification
from people.models import RoleGrant, User
from reports import actions, tasks
from reports.contents import gather
from reports.models import ReportRun
from reports.states import ReportFormat, ReportKind
from tests.factories.labs import LabFactory, ProgrammeFactory

EVERY = [(kind, language) for kind in ReportKind.values for language in ("en", "ko")]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def content_of(run: ReportRun) -> bytes:
    run.refresh_from_db()
    with run.file.open() as file:
        return bytes(file.read())


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def words_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def asked(by: User, **other: Any) -> ReportRun:
    fields = {"kind": ReportKind.PROGRAMME, "format": ReportFormat.XLSX, "language": "en", "requested_by": by}
    return ReportRun.objects.create(**{**fields, **other})


def lose(run: ReportRun) -> None:
    """As when its worker was killed some minutes ago."""
    ReportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))


def page(name: str, run: ReportRun) -> str:
    return reverse(f"reports:{name}", kwargs={"key": run.key})


def text(response: Any) -> str:
    return str(response.content.decode())


def files() -> list[str]:
    return list(default_storage.listdir("reports")[1]) if default_storage.exists("reports") else []


class TestAsking:
    def test_form_leads_to_the_page_of_the_report(self, client_of: Any, ministry: Any) -> None:
        form = {"kind": "money", "file_format": "pdf", "language": "ko"}
        client = client_of(ministry)
        for _double in range(2):
            answered = client.post(reverse("reports:list"), form)
        run = ReportRun.objects.get()
        assert answered["Location"] == page("report", run)
        assert (run.kind, run.format, run.language, run.requested_by) == ("money", "pdf", "ko", ministry)
        entry = history_of(run).get()
        assert (entry.verb, entry.by_id) == ("reports.requested", ministry.pk)
        assert entry.after == {"kind": "money", "format": "pdf"}

    def test_worker_is_told_once_it_is_committed(self, ministry: Any, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks() as hints:
            actions.request_report(ReportKind.MONEY, by=ministry, file_format=ReportFormat.PDF)
            actions.request_report(ReportKind.MONEY, by=ministry, file_format=ReportFormat.PDF)
        assert len(hints) == 1

    def test_language_is_her_own_unless_chosen(self, ministry: Any) -> None:
        User.objects.filter(pk=ministry.pk).update(language="ko")
        ministry.refresh_from_db()
        run = actions.request_report(ReportKind.MONEY, by=ministry, file_format=ReportFormat.PDF)
        assert run.language == "ko"

    def test_one_that_is_ready_does_not_stand_in_for_a_new_one(self, ministry: Any) -> None:
        old = asked(ministry, job_state=JobState.READY)
        new = actions.request_report(old.kind, by=ministry, file_format=old.format, language="en")
        assert new.pk != old.pk

    @pytest.mark.parametrize("wrong", [{"kind": "secrets"}, {"file_format": "exe"}, {"language": "tlh"}, {"kind": ""}])
    def test_wrong_input_keeps_what_was_chosen(self, client_of: Any, ministry: Any, wrong: dict[str, str]) -> None:
        form = {"kind": "people", "file_format": "pdf", "language": "ko", **wrong}
        shown = client_of(ministry).post(reverse("reports:list"), form)
        assert shown.status_code == 422
        kept = [name for name in form if name not in wrong]
        assert kept
        for name in kept:
            assert f'<option value="{form[name]}" selected' in text(shown)
        assert not ReportRun.objects.exists()

    def test_eleventh_open_report_is_refused_with_words(self, client_of: Any, ministry: Any) -> None:
        for _each in range(10):
            asked(ministry, kind=ReportKind.PEOPLE)
        form = {"kind": "money", "file_format": "pdf", "language": "ko"}
        shown = client_of(ministry).post(reverse("reports:list"), form)
        assert shown.status_code == 409
        assert "Ten of your reports are still being made" in text(shown)
        assert ReportRun.objects.count() == 10


class TestMaking:
    def test_spreadsheet_opened_again(self, ministry: Any, appointment: Any) -> None:
        run = asked(ministry)
        made = actions.make_report(run.pk)
        assert made is not None
        run.refresh_from_db()
        assert (run.job_state, run.percent, run.attempts, run.error) == (JobState.READY, 100, 1, "")
        found = sheets(content_of(run))
        plan = found["Against plan"]
        assert plan[0][0] == "The programme against plan · Against plan"
        assert plan[3] == ["What", "Now", "Plan"]
        assert plan[4:] == [
            ["Appointments", 1, 400],
            ["Labs", 1, 8],
            ["Appropriated (won)", 150_000_000, 300_000_000_000],
            ["Spent (won)", 0, 300_000_000_000],
        ]
        assert found["Labs"][4] == ["KAIST", "Lab LLM", 1, 150_000_000, 150_000_000, 0, 0]
        assert found["Where the fellows come from"][4:] == [
            ["Korean, in Korea", 0],
            ["Korean, returning from abroad", 1],
            ["Foreign national", 0],
        ]

    def test_ready_is_told_and_audited(self, ministry: Any) -> None:
        run = asked(ministry)
        actions.make_report(run.pk)
        run.refresh_from_db()
        told = Notification.objects.get()
        assert (told.kind, told.to, told.context["path"]) == ("report_ready", ministry, page("report", run))
        entry = history_of(run).get()
        assert (entry.verb, entry.by_label, entry.after) == ("reports.ready", "system", {"sha256": run.sha256})
        assert run.as_of is not None

    def test_document_opened_again(self, ministry: Any, appointment: Any) -> None:
        run = asked(ministry, kind=ReportKind.MONEY, format=ReportFormat.PDF)
        actions.make_report(run.pk)
        run.refresh_from_db()
        content = content_of(run)
        assert content.startswith(b"%PDF-")
        written = words_of(content)
        for words in ("Money by institute and lab", "Lab LLM", "150,000,000", "1 / 1", f"{run.as_of:%Y}"):
            assert words in written

    @pytest.mark.parametrize(("kind", "language"), EVERY)
    @pytest.mark.parametrize("file_format", ReportFormat.values)
    def test_every_kind_in_every_language(
        self, ministry: Any, appointment: Any, kind: str, language: str, file_format: str
    ) -> None:
        run = asked(ministry, kind=kind, format=file_format, language=language)
        actions.make_report(run.pk)
        run.refresh_from_db()
        assert run.job_state == JobState.READY, run.error
        lab = "연구단 LLM" if language == "ko" else "Lab LLM"
        wanted = "LLM" if kind == ReportKind.PEOPLE else lab
        content = content_of(run)
        if file_format == ReportFormat.PDF:
            assert wanted in words_of(content)
        else:
            assert wanted in {cell for rows in sheets(content).values() for row in rows for cell in row}

    def test_people_are_listed_without_names(self, ministry: Any, appointment: Any) -> None:
        run = asked(ministry, kind=ReportKind.PEOPLE)
        actions.make_report(run.pk)
        run.refresh_from_db()
        rows = sheets(content_of(run))["Appointments"]
        assert rows[4] == ["KAIST", "LLM", "2026-07-01", "2027-06-30", "Appointed", "KR"]
        said = str(sheets(content_of(run)))
        assert appointment.fellow.family_name not in said
        assert appointment.fellow.email not in said

    @pytest.mark.parametrize("evil", ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "http://example.org"])
    def test_text_never_becomes_a_formula(self, ministry: Any, institute: Any, evil: str) -> None:
        LabFactory(code="EVIL", institute=institute, name_en=evil)
        run = asked(ministry)
        actions.make_report(run.pk)
        run.refresh_from_db()
        content = content_of(run)
        assert sheets(content)["Labs"][4][:2] == ["KAIST", evil]
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    assert b"<f>" not in archive.read(name)
                    assert b"<hyperlink" not in archive.read(name)

    def test_without_a_programme_the_plan_is_empty(self, db: None) -> None:
        told: list[tuple[int, int]] = []
        contents = gather(ReportKind.PROGRAMME, lambda done, total: told.append((done, total)))
        assert contents.tables[0].rows == []
        assert told == [(number, 7) for number in range(7)]
        assert contents.as_of.endswith("KST")

    def test_progress_is_written_while_it_runs(self, ministry: Any) -> None:
        run = asked(ministry)
        claimed = jobs.claim(ReportRun, run.pk)
        assert claimed is not None
        seen = []
        say = jobs.progress_of(claimed)

        def watch(done: int, total: int) -> None:
            say(done, total)
            seen.append(ReportRun.objects.get(pk=run.pk).percent)

        gather(run.kind, watch)
        assert seen == [0, 14, 28, 42, 57, 71, 85]


class TestFailing:
    @pytest.fixture
    def failed(self, ministry: Any, settings: Any, tmp_path: Any) -> ReportRun:
        """A document asked for on a machine where the font is missing."""
        settings.PDF_FONT_DIR = tmp_path / "nothing"
        run = asked(ministry, format=ReportFormat.PDF)
        actions.make_report(run.pk)
        run.refresh_from_db()
        return run

    def test_says_words_and_keeps_nothing(self, failed: ReportRun, client_of: Any, ministry: Any) -> None:
        assert failed.job_state == JobState.FAILED
        assert "could not be made" in failed.error
        assert "Font" not in failed.error
        assert (files(), failed.sha256, bool(failed.file)) == ([], "", False)
        client = client_of(ministry)
        for name in ("report", "progress"):
            shown = text(client.get(page(name, failed)))
            assert "could not be made" in shown
            assert page("download", failed) not in shown
        assert client.get(page("download", failed)).status_code == 404
        assert not Notification.objects.exists()

    def test_is_not_made_again_by_itself(self, failed: ReportRun) -> None:
        assert actions.make_report(failed.pk) is None
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert actions.sweep() == 0

    def test_may_be_asked_for_again(self, failed: ReportRun, ministry: Any) -> None:
        again = actions.request_report(failed.kind, by=ministry, file_format=failed.format, language="en")
        assert again.pk != failed.pk

    def test_work_that_stops_again_and_again_ends_with_words(self, ministry: Any) -> None:
        run = asked(ministry, job_state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS)
        lose(run)
        assert actions.make_report(run.pk) is None
        run.refresh_from_db()
        assert run.job_state == JobState.FAILED
        assert "stopped unexpectedly" in run.error


class TestPickingUp:
    def test_killed_in_the_middle_another_worker_makes_one_file(self, ministry: Any) -> None:
        run = asked(ministry)
        dead = jobs.claim(ReportRun, run.pk)
        assert dead is not None
        default_storage.save(f"reports/{run.key}.xlsx", ContentFile(b"written before the worker died"))
        assert actions.make_report(run.pk) is None
        assert actions.sweep() == 0
        lose(run)
        assert actions.sweep() == 1
        tasks.make(run.pk)
        run.refresh_from_db()
        assert (run.job_state, run.attempts) == (JobState.READY, 2)
        assert files() == [f"{run.key}.xlsx"]
        assert "Against plan" in sheets(content_of(run))
        assert Notification.objects.count() == 1

    def test_hint_that_was_lost_is_given_again(self, ministry: Any, django_capture_on_commit_callbacks: Any) -> None:
        run = asked(ministry)
        with django_capture_on_commit_callbacks() as hints:
            tasks.sweep()
        assert hints == []
        ReportRun.objects.filter(pk=run.pk).update(job_requested_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
        with django_capture_on_commit_callbacks() as hints:
            tasks.sweep()
        assert len(hints) == 1

    def test_two_hints_make_it_once(self, ministry: Any) -> None:
        run = asked(ministry)
        assert actions.make_report(run.pk) is not None
        assert actions.make_report(run.pk) is None
        assert actions.make_report(run.pk + 1) is None
        assert len(files()) == 1
        assert Notification.objects.count() == 1


@contextmanager
def plan_unreadable() -> Iterator[None]:
    """Hold the plan's table, so that workers stand still in the middle of a report."""
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE labs_programme IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        holder.rollback()
        holder.close()


def worker(run: ReportRun) -> threading.Thread:
    def work() -> None:
        try:
            tasks.make(run.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_until_running(run: ReportRun, attempt: int) -> None:
    waited = threading.Event()
    for _each in range(200):
        run.refresh_from_db()
        if run.attempts == attempt and run.total:
            return
        waited.wait(0.05)
    raise AssertionError(f"attempt {attempt} never began")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ReportFormat.values)
def test_worker_thought_dead_comes_back_and_leaves_the_other_alone(
    ministry: Any, settings: Any, tmp_path: Any, file_format: str
) -> None:
    """Both finish; the report is the second one's (with the font missing: its failure), told and audited once."""
    if file_format == ReportFormat.PDF:
        settings.PDF_FONT_DIR = tmp_path / "nothing"
    ProgrammeFactory()
    run = asked(ministry, format=file_format)
    with plan_unreadable():
        first = worker(run)
        wait_until_running(run, 1)
        lose(run)
        second = worker(run)
        wait_until_running(run, 2)
    for thread in (first, second):
        thread.join()
    run.refresh_from_db()
    made = file_format == ReportFormat.XLSX
    assert run.job_state == (JobState.READY if made else JobState.FAILED)
    assert files() == ([f"{run.key}.xlsx"] if made else [])
    assert history_of(run).count() == Notification.objects.count() == (1 if made else 0)


class TestReading:
    @pytest.fixture
    def ready(self, ministry: Any) -> ReportRun:
        run = asked(ministry)
        actions.make_report(run.pk)
        run.refresh_from_db()
        return run

    @pytest.mark.parametrize(
        ("file_format", "content_type", "begins"),
        [
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
            ("pdf", "application/pdf", b"%PDF-"),
        ],
    )
    def test_file_is_downloaded(
        self, client_of: Any, ministry: Any, file_format: str, content_type: str, begins: bytes
    ) -> None:
        run = asked(ministry, format=file_format)
        client = client_of(ministry)
        assert client.get(page("download", run)).status_code == 404
        actions.make_report(run.pk)
        answered = client.get(page("download", run))
        assert answered["Content-Type"] == content_type
        assert answered["Content-Disposition"] == (
            f'attachment; filename="innocore-programme-{run.requested_at:%Y%m%d}.{file_format}"'
        )
        assert answered["X-Content-Type-Options"] == "nosniff"
        assert answered["Cache-Control"] == "private, no-store"
        assert b"".join(answered.streaming_content).startswith(begins)

    def test_nobody_else_reads_it(
        self, client_of: Any, client: Any, ready: ReportRun, auditor: Any, stranger: Any
    ) -> None:
        for name in ("report", "progress", "download"):
            assert client_of(auditor).get(page(name, ready)).status_code == 404
            assert client_of(stranger).get(page(name, ready)).status_code == 404
            assert client.get(page(name, ready)).status_code == 302
        assert client_of(stranger).post(reverse("reports:list"), {"kind": "money"}).status_code == 403

    def test_whose_role_has_ended_reads_it_no_more(self, client_of: Any, ready: ReportRun, ministry: Any) -> None:
        RoleGrant.objects.filter(user=ministry).update(ends_on=timezone.localdate() - timedelta(days=1))
        for name in ("report", "progress", "download"):
            assert client_of(ministry).get(page(name, ready)).status_code == 403

    def test_page_watches_while_it_is_made_and_offers_the_file_then(self, client_of: Any, ministry: Any) -> None:
        run = asked(ministry)
        client = client_of(ministry)
        for state, done in ((JobState.REQUESTED, 0), (JobState.RUNNING, 3)):
            ReportRun.objects.filter(pk=run.pk).update(job_state=state, done=done, total=done and 7)
            for name in ("report", "progress"):
                shown = text(client.get(page(name, run)))
                assert f'hx-get="{page("progress", run)}"' in shown
                assert page("download", run) not in shown
                assert ('value="42"' in shown) == (state == JobState.RUNNING)
        ReportRun.objects.filter(pk=run.pk).update(job_state=JobState.REQUESTED)
        actions.make_report(run.pk)
        run.refresh_from_db()
        for name in ("report", "progress"):
            shown = text(client.get(page(name, run)))
            assert "hx-get" not in shown
            assert page("download", run) in shown
        assert run.sha256 in text(client.get(page("report", run)))

    def test_progress_is_a_part_of_a_page(self, client_of: Any, ministry: Any, ready: ReportRun) -> None:
        shown = text(client_of(ministry).get(page("progress", ready)))
        assert "<html" not in shown
        assert 'class="job"' in shown

    def test_list_holds_her_own_alone_newest_first(
        self, client_of: Any, ministry: Any, auditor: Any, ready: ReportRun
    ) -> None:
        newer, foreign = asked(ministry, kind=ReportKind.MONEY), asked(auditor)
        shown = client_of(ministry).get(reverse("reports:list"))
        assert [row.pk for row in shown.context["page"].rows] == [newer.pk, ready.pk]
        assert page("report", foreign) not in text(shown)

    def test_empty_list_says_so(self, client_of: Any, ministry: Any) -> None:
        assert "You have not asked for a report yet." in text(client_of(ministry).get(reverse("reports:list")))

    def test_list_costs_the_same_for_one_and_three(
        self, client_of: Any, ministry: Any, django_assert_num_queries: Any
    ) -> None:
        client = client_of(ministry)
        for number in (1, 3):
            while ReportRun.objects.count() < number:
                asked(ministry)
            client.get(reverse("reports:list"))
            with django_assert_num_queries(4):
                assert client.get(reverse("reports:list")).status_code == 200

    def test_page_of_a_report_costs_little(
        self, client_of: Any, ministry: Any, ready: ReportRun, django_assert_num_queries: Any
    ) -> None:
        client = client_of(ministry)
        client.get(page("report", ready))
        for name, number in (("report", 4), ("progress", 4)):
            with django_assert_num_queries(number):
                client.get(page(name, ready))

    def test_page_in_korean(self, client_of: Any, ministry: Any, ready: ReportRun) -> None:
        User.objects.filter(pk=ministry.pk).update(language="ko")
        ministry.refresh_from_db()
        shown = client_of(ministry).get(page("report", ready))
        assert '<html lang="ko"' in text(shown)
        with translation.override("ko"):
            assert str(ready.get_kind_display()) in text(shown)

    def test_admin_desk(self, client_of: Any, admin_person: Any, ministry: Any, ready: ReportRun) -> None:
        client = client_of(admin_person)
        assert client.get(reverse("admin:reports_reportrun_changelist"), {"q": "ministry"}).status_code == 200
        assert client.get(reverse("admin:reports_reportrun_change", args=[ready.pk])).status_code == 200
        assert client.get(reverse("admin:reports_reportrun_delete", args=[ready.pk])).status_code == 403
        assert client_of(ministry).get(reverse("admin:reports_reportrun_changelist")).status_code == 302
        assert str(ready).startswith("The programme against plan 20")
