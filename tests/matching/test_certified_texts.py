"""What a hash was taken of: nobody finds it by guessing, and those whose list it is make the hash again themselves."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from common.models import AuditEntry
from matching import actions, queries, tasks
from matching.models import ChoiceList, ListSeal, RankList
from matching.queries.freezing import canonical_list
from people.states import Role
from reviews.models import Conflict
from tests.factories.people import RoleGrantFactory, holder
from tests.matching.helpers import certify, let_due_pass, list_of, page

NOBODYS = "0" * 64


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def guesses(call: str, lab: str, numbers: list[int], salt: str = "") -> Iterator[str]:
    """The text of every list without ties that the lab could have, as whoever knows the numbers would write it."""
    for many in range(len(numbers) + 1):
        for order in permutations(numbers, many):
            body: dict[str, Any] = {"call": call, "lab": lab, "ranks": [[number] for number in order]}
            formats: list[dict[str, str]] = [{"format": f"innocore-rank-list/{n}"} for n in (1, 2)]
            for more in [*formats, {**formats[1], "salt": ""}, {**formats[1], "salt": salt}]:
                yield json.dumps({**body, **more}, sort_keys=True, separators=(",", ":"))


@pytest.fixture
def due(ranked: Any, reviewed: Any) -> Any:
    """Both lists are sealed and every order is certified."""
    let_due_pass()
    tasks.seal_due()
    reviewed.refresh_from_db()
    return reviewed


def test_nobody_finds_a_list_by_hashing_all_that_it_might_be(client: Any, due: Any, people: Any, call_lab: Any) -> None:
    shown = client.get(page("seals", due)).content.decode()
    seal, code = ListSeal.objects.get(rank_list=list_of(call_lab)), call_lab.lab.code
    assert seal.sha256 in shown
    numbers = [row.number for row in people]
    assert {sha256_of(text) for text in guesses(due.code, code, numbers)}.isdisjoint(
        ListSeal.objects.values_list("sha256", flat=True)
    )
    salt = json.loads(seal.text)["salt"]
    assert salt not in shown
    assert seal.sha256 in {sha256_of(text) for text in guesses(due.code, code, numbers, salt)}
    salts = [*RankList.objects.values_list("salt", flat=True), *ChoiceList.objects.values_list("salt", flat=True)]
    assert len(set(salts)) == len(salts) == 5
    assert {len(each) for each in salts} == {32}


def test_a_lab_downloads_its_text_and_makes_the_published_hash_again(
    client_of: Any, due: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, tmp_path: Path
) -> None:
    row, signed = list_of(call_lab), client_of(lab_head)
    address = page("certified_list", row.opening, sha256=row.sha256)
    assert f'href="{address}"' in signed.get(page("rank", row.opening)).content.decode()
    answer = signed.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="LLM-{row.sha256[:12]}.json"'
    (tmp_path / "list.json").write_bytes(answer.content)
    said = subprocess.run(["sha256sum", "list.json"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == row.sha256 == row.seals.get().sha256
    other = list_of(other_call_lab)
    for wrong in (other.sha256, NOBODYS):
        assert signed.get(page("certified_list", row.opening, sha256=wrong)).status_code == 404


def test_only_the_lab_gets_its_text_and_nobody_in_it_who_declared_an_interest(
    client_of: Any, due: Any, people: Any, call_lab: Any, lab: Any, lab_head: Any, other_lab_head: Any, officer: Any,
    auditor: Any, ministry: Any,
) -> None:  # fmt: skip
    row = list_of(call_lab)
    address = page("certified_list", row.opening, sha256=row.sha256)
    nobody = {other_lab_head: 404, people[0].applicant: 404, ministry: 404, officer: 403, auditor: 403}
    for person, status in nobody.items():
        assert client_of(person).get(address).status_code == status
    refused = AuditEntry.objects.filter(verb="matching.read_list.refused", subject_id=str(row.opening.pk))
    assert set(refused.values_list("by_id", flat=True)) == {person.pk for person in nobody}
    member = holder(Role.LAB_MEMBER, lab.place)
    RoleGrantFactory(user=officer, role=Role.LAB_MEMBER, place=lab.place)
    for person in (member, type(officer).objects.get(pk=officer.pk)):
        assert client_of(person).get(address).status_code == 200
    Conflict.objects.create(application=people[1], person=member, declared_by=member, kind="family")
    assert client_of(member).get(address).status_code == 404
    assert address not in client_of(member).get(page("rank", row.opening)).content.decode()


def test_each_text_of_a_changed_list_stays_with_its_lab(
    client_of: Any, due: Any, people: Any, call_lab: Any, lab_head: Any, officer: Any, second_officer: Any
) -> None:
    row = list_of(call_lab)
    before = row.sha256
    made = actions.ask_amendment(row, [people[1].pk], [], by=officer, reason="The lab's minutes say so.")
    actions.approve_amendment(made, by=second_officer)
    row.refresh_from_db()
    signed = client_of(lab_head)
    found = [
        json.loads(signed.get(page("certified_list", row.opening, sha256=each)).content)
        for each in (before, row.sha256)
    ]
    assert [text["ranks"] for text in found] == [[[people[0].number], [people[1].number]], [[people[1].number]]]
    assert found[0]["salt"] != found[1]["salt"]


def test_a_certified_list_has_its_text_before_it_is_due_and_another_one_when_it_is_certified_again(
    ranked: Any, call_lab: Any, lab_head: Any
) -> None:
    row = list_of(call_lab)
    (text,) = queries.certified_texts(row, lab_head)
    assert (text.sha256, sha256_of(text.text)) == (row.sha256, row.sha256)
    actions.reopen_ranking(row, by=lab_head)
    assert queries.certified_texts(row, lab_head) == []
    again = certify(call_lab, row.ranked, lab_head)
    assert again.sha256 != text.sha256
    RankList.objects.filter(pk=again.pk).update(ranked=[])
    assert queries.certified_texts(list_of(call_lab), lab_head) == []


def test_a_list_that_was_certified_before_there_were_salts_still_has_its_hash(ranked: Any, call_lab: Any) -> None:
    row = list_of(call_lab)
    RankList.objects.filter(pk=row.pk).update(salt="")
    ranks = f"[[{ranked[0].number}],[{ranked[1].number}]]"
    text = f'{{"call":"{ranked[0].call.code}","format":"innocore-rank-list/1","lab":"LLM","ranks":{ranks}}}'
    assert canonical_list(list_of(call_lab)) == text


def test_an_applicant_downloads_her_own_text_and_nobody_elses(
    client_of: Any, ranked: Any, reviewed: Any, people: Any, officer: Any, lab_head: Any
) -> None:
    hers = people[0]
    signed, address = client_of(hers.applicant), page("certified_choices", hers)
    assert signed.get(address).status_code == 404
    assert address not in signed.get(page("choices", hers)).content.decode()
    let_due_pass()
    tasks.seal_due()
    assert address in signed.get(page("choices", hers)).content.decode()
    answer = signed.get(address)
    row = ChoiceList.objects.get(application=hers)
    assert hashlib.sha256(answer.content).hexdigest() == row.sha256
    assert json.loads(answer.content)["name"] == queries.pseudonym_of(hers)
    for person in (people[1].applicant, officer, lab_head):
        assert client_of(person).get(address).status_code in {403, 404}
    refused = AuditEntry.objects.filter(verb="matching.read_order.refused", subject_id=str(hers.pk))
    assert refused.count() == 4


def test_a_copy_that_says_something_else_stops_the_confirmation(solved: Any, second_officer: Any) -> None:
    assert [check for check in queries.checks_of(solved) if not check.is_met] == []
    ChoiceList.objects.update(salt="another")
    unmet = [str(check.label) for check in queries.checks_of(solved) if not check.is_met]
    assert len(unmet) == 1
    with pytest.raises(actions.ChecksFailed):
        actions.confirm_run(solved, by=second_officer)
