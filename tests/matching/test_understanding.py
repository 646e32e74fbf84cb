"""What each person reads of a match, and that nobody learns of anybody else from all that she can see."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from common.when import instant_words
from matching import actions, queries, tasks
from matching.engine import instance as instances
from matching.engine.solve import solve
from matching.insight import insight
from matching.models import ChoiceList, MatchResult, MatchRun, Refill
from tests.factories.matching import MatchResultFactory, MatchRunFactory
from tests.matching.helpers import page

LABS = [
    {"id": "l1", "institute": "i1", "seats": 1, "ranks": [["a1"], ["a2"], ["a3"]]},
    {"id": "l2", "institute": "i1", "seats": 2, "ranks": [["a1"], ["a3"]]},
]
CHOICES = {"a1": ["l1", "l2"], "a2": ["l1"], "a3": ["l1", "l2"], "a4": ["l2"]}


def small() -> Any:
    applicants = [{"id": name, "ranks": ranks} for name, ranks in CHOICES.items()]
    body = {"format": "innocore-match-instance/1", "seed": "0", "applicants": applicants, "labs": LABS,
            "institutes": [{"id": "i1"}]}  # fmt: skip
    return instances.build(body)


def test_figures_of_labs_are_counted_from_the_outcome() -> None:
    found = insight(small(), solve(small()), {"l2": 2})
    assert found["l1"] == {
        "seats": 1, "held": 1, "ranked": 3, "cutoff": 1, "got": {"1": 1}, "lost": {}, "is_capped": False, "wanted": 3,
        "more": {"moves": 1, "better": 1},
    }  # fmt: skip
    second = found["l2"]
    assert (second["held"], second["cutoff"], second["got"], second["lost"]) == (1, 2, {"2": 1}, {"1": 1})
    assert (second["more"], second["is_capped"]) == ({"moves": 0, "better": 0}, False)
    assert second["minimum"] == {"wished": 2, "is_reached": True, "sent": 1, "worse": 1}


def test_nobody_is_found_out_from_all_that_one_applicant_can_see(
    client_of: Any, published: MatchRun, ranked: Any, call_lab: Any
) -> None:
    seen = ""
    hers, others = ranked[2], [ranked[0], ranked[1]]
    signed = client_of(hers.applicant)
    for address in (
        page("result", hers), page("choices", hers), page("run", published), reverse("matching:published"),
        reverse("matching:seals", args=[published.call.key]), page("progress", published), "/",
    ):  # fmt: skip
        answer = signed.get(address)
        assert answer.status_code == 200, address
        seen += answer.content.decode()
    for other in others:
        result = MatchResult.objects.get(application=other)
        secrets = [other.name, other.given_name, other.native_name, other.key, other.applicant.email, result.pseudonym]
        assert [each for each in secrets if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", seen)] == []
        assert other.key not in seen
        assert result.explanation["lottery_number"] not in seen
        for address in (page("result", other), page("choices", other)):
            assert signed.get(address).status_code == 404
    own = MatchResult.objects.get(application=hers)
    assert f"You are {own.pseudonym} in these files." in seen
    for name in ("instance.json", "outcome.json"):
        text = signed.get(page("file", published, name=name)).content.decode()
        assert not any(each in text for other in others for each in (other.name, other.key, other.native_name))
    assert client_of(hers.applicant).get(page("lab_result", call_lab.opening)).status_code == 404


def test_the_files_say_which_lab_is_which(
    client_of: Any, published: MatchRun, ranked: Any, call_lab: Any, other_call_lab: Any, stranger: Any
) -> None:
    hers, client = ranked[1], client_of(stranger)
    name = MatchResult.objects.get(application=hers).pseudonym
    sealed = instances.parse(published.instance)
    files = {lab.id: {each for tied in lab.ranks for each in tied} for lab in sealed.labs}
    named = {row.name: row.call_lab for row in client.get(page("run", published)).context["legend"]}
    assert named == {"l1": call_lab, "l2": other_call_lab}
    lists = {lab.pk: len(lab.opening.rank_list.ranked) for lab in (call_lab, other_call_lab)}
    assert {named[key].pk: len(people) for key, people in files.items()} == lists
    own = next(person.ranks for person in sealed.applicants if person.id == name)
    shown = client_of(hers.applicant).get(page("result", hers))
    assert [row.name for row in shown.context["legend"]] == list(own)
    for row in shown.context["legend"]:
        said = rf"<dt>{row.name}</dt><dd>{re.escape(str(row.call_lab.lab))} "
        assert re.search(said, shown.content.decode())
        assert re.search(said, client.get(page("run", published)).content.decode())


def test_a_lab_that_she_did_not_choose_is_not_in_the_legend_of_her_result(
    published: MatchRun, ranked: Any, call_lab: Any, other_call_lab: Any
) -> None:
    ChoiceList.objects.filter(application=ranked[0]).update(ranked=[other_call_lab.pk])
    assert [row.name for row in queries.legend_of(published, ranked[0])] == ["l2"]


def test_runs_that_were_given_up_are_shown_with_who_when_and_why(
    client_of: Any, ranked: Any, sealed: Any, reviewed: Any, officer: Any, second_officer: Any, stranger: Any
) -> None:
    client = client_of(stranger)
    draft = actions.request_draft(reviewed, by=officer)
    actions.discard_run(draft, by=officer, reason="A draft too many.")
    run = actions.request_run(reviewed, by=officer)
    tasks.solve(run.pk)
    with pytest.raises(actions.ReasonTooLong):
        actions.discard_run(run, by=second_officer, reason="x" * 501)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchRun.objects.filter(pk=run.pk).update(
            state="discarded", discarded_at=timezone.now(), discarded_by=second_officer
        )
    actions.discard_run(run, by=second_officer, reason=" A <lab> asked for it. ")
    run.refresh_from_db()
    assert "A &lt;lab&gt; asked for it." in client_of(officer).get(page("run", run)).content.decode()
    assert client.get(page("run", run)).status_code == 404
    last = actions.request_run(reviewed, by=officer)
    tasks.solve(last.pk)
    last.refresh_from_db()
    actions.confirm_run(last, by=second_officer)
    actions.publish_run(last, by=officer)
    shown = client.get(page("run", last))
    text = shown.content.decode()
    assert [row.pk for row in shown.context["discarded"]] == [draft.pk, run.pk]
    for words in ("A draft too many.", "A &lt;lab&gt; asked for it.", f"given up by {second_officer}"):
        assert words in text
    assert instant_words(run.discarded_at) in text
    assert not any(row.name in text for row in ranked)


def test_published_matches_are_found_by_everybody_with_their_figures(
    client_of: Any, client: Any, published: MatchRun, ranked: Any, ministry: Any, stranger: Any,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    (row,) = queries.summaries_of_matches()
    assert (row.run.pk, row.applicants, row.seats, row.placed, row.first) == (published.pk, 3, 2, 2, 1)
    assert (row.fill_percent, row.first_percent) == (100, 50)
    address = reverse("matching:published")
    for visitor in (client, client_of(stranger), client_of(ranked[0].applicant), client_of(ministry)):
        assert f'href="{address}"' in visitor.get("/").content.decode()
        shown = visitor.get(address).content.decode()
        assert page("run", published) in shown
        assert "2 / 2 · 100%" in shown
        assert "1 / 2 · 50%" in shown
        assert not any(person.name in shown for person in ranked if person.applicant_id != ranked[0].applicant_id)
    for _one_more in range(2):
        with django_assert_num_queries(3):
            queries.summaries_of_matches()
        run = MatchRunFactory(state="published", outcome="{}", confirmed_at=timezone.now(), published_at=timezone.now())
        MatchResultFactory(run=run)
    assert [(each.applicants, each.placed, each.fill_percent, each.first_percent) for each in
            queries.summaries_of_matches(2)] == [(1, 0, 0, 0)] * 2  # fmt: skip


def test_labs_officers_and_the_ministry_read_figures(
    client_of: Any, client: Any, published: MatchRun, ranked: Any, lab_head: Any, officer: Any, ministry: Any,
    call_lab: Any, stranger: Any,
) -> None:  # fmt: skip
    assert "How it came out" in client_of(lab_head).get(page("lab_result", call_lab.opening)).content.decode()
    for person in (officer, ministry):
        shown = client_of(person).get(page("run", published))
        assert "Fill, cutoffs and choices" in shown.content.decode()
        assert [row.figures["held"] for row in shown.context["insights"]] == [1, 1]
    assert ranked[0].name not in client_of(ministry).get(page("run", published)).content.decode()


def test_the_report_has_hashes_seed_and_versions(client_of: Any, published: MatchRun, stranger: Any) -> None:
    data = queries.report_of(published, "en")
    text = json.dumps(data, default=str)
    for said in (published.instance_sha256, published.outcome_sha256, published.seed, published.algorithm):
        assert said in text
    for language in ("en", "ko"):
        answer = client_of(stranger).get(page("report", published), headers={"accept-language": language})
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


def test_no_report_before_publication(client_of: Any, solved: MatchRun, officer: Any, stranger: Any) -> None:
    assert client_of(officer).get(page("report", solved)).status_code == 403
    assert client_of(stranger).get(page("report", solved)).status_code == 404
    tasks.announce(solved.pk)


def test_page_and_report_say_what_was_published_and_what_is_so_now(
    client_of: Any, published: MatchRun, ranked: Any, officer: Any, stranger: Any
) -> None:
    before = queries.figures_of(published)
    signed = client_of(stranger)
    assert "Nobody gave a place up, and nobody moved." in signed.get(page("run", published)).content.decode()
    actions.vacate(MatchResult.objects.get(application=ranked[0]), by=officer, reason="declined")
    sha256 = queries.previews_of(published)[0].outcome_sha256
    actions.decide_refill(published, "waitlist", sha256, by=officer)
    assert queries.figures_of(published) == before
    assert (before.applicants, before.placed, before.choices) == (3, 2, {1: 1, 2: 1})
    shown = signed.get(page("run", published))
    assert shown.context["figures"].placed == sum(row.figures["held"] for row in shown.context["insights"]) == 2
    since = shown.context["since"]
    assert (since.held, since.given_up, since.moved, since.came) == (1, 1, 1, 0)
    facts = {title: dict(each["facts"]) for each in queries.report_of(published, "en")["sections"]
             if (title := each["title"]) and "facts" in each}  # fmt: skip
    assert facts["Figures, as published"]["Placed"] == "2 (100%)"
    assert facts["Since it was published"]["Hold a place now"] == "1"
    made = published.refills.get()
    assert facts["Since it was published"]["Filling 1: input (SHA-256)"] == made.instance_sha256
    assert client_of(stranger).get(page("report", published)).content[:5] == b"%PDF-"


def test_a_stranger_verifies_a_filling_from_the_page(
    client_of: Any, client: Any, published: MatchRun, ranked: Any, officer: Any, stranger: Any, tmp_path: Path
) -> None:
    actions.vacate(MatchResult.objects.get(application=ranked[0]), by=officer, reason="declined")
    shown = queries.previews_of(published)[0]
    made = actions.decide_refill(published, "waitlist", shown.outcome_sha256, by=officer)
    signed = client_of(stranger)
    text = signed.get(page("run", published)).content.decode()
    for name, sha256 in (("instance", made.instance_sha256), ("outcome", made.outcome_sha256)):
        address = page("file", published, name=f"filling-1-{name}.json")
        assert address in text
        assert sha256 in text
        assert client.get(address).status_code == client.get(page("file", published, name="outcome.json")).status_code
        content = signed.get(address).content
        assert hashlib.sha256(content).hexdigest() == sha256
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "v.py").write_bytes(signed.get(page("file", published, name="verifier.py")).content)
    command = [sys.executable, "-I", "v.py", "instance.json", "outcome.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for wrong in (
        "filling-2-instance.json",
        "filling-0-instance.json",
        "filling-1-seed.json",
        "filling-x-outcome.json",
    ):
        assert signed.get(page("file", published, name=wrong)).status_code == 404


def test_no_filling_is_published_of_an_unpublished_run(client_of: Any, solved: MatchRun, officer: Any) -> None:
    made = Refill.objects.create(run=solved, kind="waitlist", instance="{}", outcome="{}", decided_by=officer)
    assert client_of(officer).get(page("file", made.run, name="filling-1-instance.json")).status_code == 404
