"""The engine's own check and the stranger's verifier: what each must see, and that they see the same."""

import io
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import verifier
from matching.engine.__main__ import main as engine_main
from matching.engine.instance import Instance
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import place, solve
from matching.engine.stability import violations
from tests.matching.engine.instances import dense, instance_of, instances, lab

often = settings(max_examples=70, deadline=None)


def by_stranger(instance: Instance, outcome: Outcome) -> list[str]:
    return verifier.violations(instance.canonical().encode(), outcome.canonical().encode())


def both(instance: Instance, outcome: Outcome) -> list[str]:
    found = violations(instance, outcome)
    assert sorted(by_stranger(instance, outcome)) == sorted(found)
    return found


@often
@given(instances(9, 4))
def test_both_find_nothing_wrong_with_what_the_engine_solved(instance: Instance) -> None:
    assert both(instance, solve(instance)) == []


@often
@given(instances(6, 4), st.data())
def test_both_see_the_same_in_any_assignment(instance: Instance, data: st.DataObject) -> None:
    """Everybody somewhere on her own list or nowhere: mostly unstable, often above seats and caps."""
    places = {person.id: data.draw(st.sampled_from([None, *person.ranks])) for person in instance.applicants}
    both(instance, assigned(instance, places))


@often
@given(instances(6, 4), st.data())
def test_both_see_the_same_after_one_thing_was_changed(instance: Instance, data: st.DataObject) -> None:
    outcome = solve(instance)
    change = data.draw(st.sampled_from(sorted(CHANGES)))
    changed = CHANGES[change](instance, outcome, data)
    assert both(instance, changed) != [] or changed == outcome


@pytest.mark.parametrize("seed", range(5))
def test_both_see_the_same_under_hard_competition(seed: int) -> None:
    """From the outcome itself, step by step away from it: two people exchange what they have."""
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(20)):
        people = [person.id for person in instance.applicants]
        places = {person: place(instance).get(person) for person in people}
        assert both(instance, assigned(instance, places)) == []
        for _ in range(3):
            one, other = chance.sample(people, 2)
            places[one], places[other] = places[other], places[one]
            both(instance, assigned(instance, places))


def assigned(instance: Instance, places: Mapping[str, str | None]) -> Outcome:
    matches = [(person, name) for person, name in places.items() if name is not None]
    return outcome_of(instance.sha256(), matches, [person for person in places if places[person] is None])


def _drop(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    """Somebody loses her place and goes unplaced."""
    if not outcome.matches:
        return outcome
    lost = data.draw(st.sampled_from(outcome.matches))
    kept = [pair for pair in outcome.matches if pair != lost]
    return outcome_of(outcome.instance, kept, [*outcome.unmatched, lost[0]])


def _forget(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    gone = data.draw(st.sampled_from([person.id for person in instance.applicants]))
    kept = [pair for pair in outcome.matches if pair[0] != gone]
    return outcome_of(outcome.instance, kept, [name for name in outcome.unmatched if name != gone])


def _repeat(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    again = data.draw(st.sampled_from([person.id for person in instance.applicants]))
    return outcome_of(outcome.instance, outcome.matches, [*outcome.unmatched, again])


def _invent(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    pair = data.draw(st.sampled_from([("nobody", instance.labs[0].id), ("nobody", "nowhere")]))
    return outcome_of(outcome.instance, [*outcome.matches, pair], outcome.unmatched)


def _another(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    return outcome_of("0" * 64, outcome.matches, outcome.unmatched)


def _promote(instance: Instance, outcome: Outcome, data: st.DataObject) -> Outcome:
    """Somebody is put into a lab that she liked better, or, having none, into any: seats, lists or caps give way."""
    person = data.draw(st.sampled_from(instance.applicants))
    now = dict(outcome.matches).get(person.id)
    better = person.ranks[: person.ranks.index(now)] if now else person.ranks
    if not better:
        return outcome
    kept = [pair for pair in outcome.matches if pair[0] != person.id]
    matches = [*kept, (person.id, data.draw(st.sampled_from(better)))]
    return outcome_of(outcome.instance, matches, [name for name in outcome.unmatched if name != person.id])


CHANGES: dict[str, Any] = {
    "drop": _drop,
    "forget": _forget,
    "repeat": _repeat,
    "invent": _invent,
    "another": _another,
    "promote": _promote,
}

RESERVE = [{"group": "overseas", "seats": 1}]
PLAIN = instance_of({"a": "l1 l2", "b": "l1"}, [lab("l1", "a b"), lab("l2", "b a")])
RESERVED = instance_of(
    {"a": "l1", "b": "l1", "c": "l1"}, [lab("l1", "a b c", 2, reserves=RESERVE)], groups={"c": "overseas"}
)
CAPPED = instance_of({"a": "l1", "b": "l2"}, [lab("l1", "a", target=1), lab("l2", "b", target=0)], cap=1)


@pytest.mark.parametrize(
    ("instance", "matches", "unmatched", "words"),
    [
        (PLAIN, [("a", "l2"), ("b", "l1")], [], "applicant a and lab l1 block"),
        (PLAIN, [("a", "l1"), ("b", "l1")], [], "lab l1 has 2 holders for 1 seats"),
        (PLAIN, [("a", "l1"), ("b", "l2")], [], "lab l2, which the applicant did not rank"),
        (PLAIN, [("a", "l1")], [], "applicant b is named 0 times"),
        (PLAIN, [("a", "l1"), ("a", "l2")], ["b"], "applicant a is named 2 times"),
        (PLAIN, [("a", "l9")], ["b"], "lab l9 is not in the instance"),
        (RESERVED, [("a", "l1"), ("b", "l1")], ["c"], "applicant c and lab l1 block"),
        (CAPPED, [("a", "l1"), ("b", "l2")], [], "institute i has 2 holders under a cap of 1"),
        (CAPPED, [("b", "l2")], ["a"], "applicant a and lab l1 block"),
        (instance_of({"a": "l1"}, [lab("l1", "")]), [("a", "l1")], [], "which did not rank the applicant"),
    ],
)
def test_each_kind_of_violation_is_named(
    instance: Instance, matches: list[tuple[str, str]], unmatched: list[str], words: str
) -> None:
    [found] = both(instance, outcome_of(instance.sha256(), matches, unmatched))
    assert words in found


def reserved_lab(order: str) -> Instance:
    """Three seats, one of them reserved; b and d are the members."""
    labs = [lab("l1", "a b c d", 3, reserve_order=order, reserves=RESERVE)]
    return instance_of(dict.fromkeys("abcd", "l1"), labs, groups={"b": "overseas", "d": "overseas"})


@pytest.mark.parametrize(("order", "right", "wrong"), [("open_first", "d", "c"), ("reserved_first", "c", "d")])
def test_reserves_filled_in_the_other_order_are_seen(order: str, right: str, wrong: str) -> None:
    instance = reserved_lab(order)
    assert both(instance, outcome_of(instance.sha256(), [("a", "l1"), ("b", "l1"), (right, "l1")], [wrong])) == []
    [found] = both(instance, outcome_of(instance.sha256(), [("a", "l1"), ("b", "l1"), (wrong, "l1")], [right]))
    assert f"applicant {right} and lab l1 block" in found


def test_a_member_is_not_passed_over_because_somebody_above_her_was_refused_rightly() -> None:
    labs = [lab("l1", "a b c d", 2, reserves=RESERVE)]
    instance = instance_of(dict.fromkeys("abcd", "l1"), labs, groups={"d": "overseas"})
    [found] = both(instance, outcome_of(instance.sha256(), [("a", "l1"), ("b", "l1")], ["c", "d"]))
    assert "applicant d and lab l1 block" in found


def test_a_seat_of_her_own_still_counts_in_the_institute_that_considers_her() -> None:
    """Under a cap of one, l1 has the first turn: giving a her l2 instead would need a turn that l1 uses first."""
    labs = [lab("l1", "a b", target=0), lab("l2", "a", target=0)]
    instance = instance_of({"a": "l2 l1", "b": "l1"}, labs, cap=1)
    assert both(instance, outcome_of(instance.sha256(), [("a", "l1")], ["b"])) == []


Files = tuple[Path, Path]
Ran = tuple[int, str, str]


def run(*arguments: str | Path, given: str = "", cwd: Path | None = None) -> Ran:
    """Another Python, as a person starts it: exit code, output, complaints."""
    command = [sys.executable, *map(str, arguments)]
    ran = subprocess.run(command, input=given.encode(), capture_output=True, check=False, cwd=cwd)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A published instance and its outcome."""
    instance, outcome = tmp_path / "instance.json", tmp_path / "outcome.json"
    instance.write_text(PLAIN.canonical(), "utf-8")
    outcome.write_text(solve(PLAIN).canonical(), "utf-8")
    return instance, outcome


def test_engine_runs_as_a_command_of_its_own(files: Files) -> None:
    assert run("-m", "matching.engine", "solve", given=PLAIN.canonical()) == (0, solve(PLAIN).canonical(), "")
    assert run("-m", "matching.engine", "verify", *files) == (0, "", "")
    wrong = outcome_of("0" * 64, [("a", "l2")], ["b"])
    files[1].write_text(wrong.canonical(), "utf-8")
    code, output, _ = run("-m", "matching.engine", "verify", *files)
    assert (code, output.splitlines()) == (1, violations(PLAIN, wrong))
    code, output, complaint = run("-m", "matching.engine", "solve", given="{")
    assert (code, output) == (2, "")
    assert complaint == (
        "This input cannot be used. standard input: line 1, column 2: this is not JSON: "
        "Expecting property name enclosed in double quotes\n"
    )


def test_engine_needs_neither_django_nor_anything_installed(files: Files) -> None:
    code = "import sys, matching.engine.__main__, matching.engine.explain, matching.verifier as v; "
    seen = "print(sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names - {'__main__'}))"
    root = Path(verifier.__file__).parents[1]
    assert run("-S", "-E", "-c", code + seen, cwd=root) == (0, "['matching']\n", "")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ran]:
    """The engine's command in this process: arguments, and the bytes given to it."""

    def called(*arguments: str | Path, given: bytes = b"") -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = engine_main([str(each) for each in arguments])
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return called


def test_engine_command_writes_the_canonical_form_and_says_when_it_was_not_given(engine: Callable[..., Ran]) -> None:
    loose = PLAIN.canonical().replace(",", ", ").encode()
    assert engine("canonical", given=loose) == (0, PLAIN.canonical(), "")
    code, output, note = engine("solve", given=loose)
    assert (code, output) == (0, solve(PLAIN).canonical())
    assert "canonical form" in note
    assert engine("solve", given=PLAIN.canonical().encode() + b"\n") == (0, solve(PLAIN).canonical(), "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "standard input: line 1, column 2: this is not JSON"),
        (b"\xff", "standard input: byte 0 is not UTF-8"),
        (b"[]", "standard input: $: must be an object, not a list"),
    ],
)
def test_engine_command_refuses_what_it_cannot_read(engine: Callable[..., Ran], text: bytes, words: str) -> None:
    code, output, complaint = engine("solve", given=text)
    assert (code, output) == (2, "")
    assert words in complaint


def test_engine_command_names_the_file_that_is_wrong(engine: Callable[..., Ran], files: Files) -> None:
    assert engine("verify", *files) == (0, "", "")
    files[1].write_text(outcome_of(PLAIN.sha256(), [("a", "l1")], []).canonical(), "utf-8")
    assert engine("verify", *files) == (1, "applicant b is named 0 times in the outcome, not once\n", "")
    files[1].write_text("{}", "utf-8")
    code, _, complaint = engine("verify", *files)
    assert code == 2
    assert "outcome.json: $: the key 'format' is missing" in complaint
    code, _, complaint = engine("verify", files[0], files[0].with_name("none.json"))
    assert code == 2
    assert "none.json" in complaint


def test_engine_command_without_a_command_is_refused() -> None:
    with pytest.raises(SystemExit) as left:
        engine_main([])
    assert left.value.code == 2


def test_stranger_runs_the_one_file_alone_beside_the_published_ones(files: Files, tmp_path: Path) -> None:
    alone = tmp_path / "verifier.py"
    alone.write_bytes(Path(verifier.__file__).read_bytes())
    command = ("-I", alone.name, "instance.json", "outcome.json")
    assert run(*command, cwd=tmp_path) == (0, "nothing is wrong: this outcome keeps the rule\n", "")
    files[1].write_text(outcome_of(PLAIN.sha256(), [("a", "l2"), ("b", "l1")], []).canonical(), "utf-8")
    expected = "applicant a and lab l1 block: both would gain by a place there\n"
    assert run(*command, cwd=tmp_path) == (1, expected, "")
    files[0].unlink()
    code, output, complaint = run(*command, cwd=tmp_path)
    assert (code, output) == (2, "")
    assert "instance.json" in complaint
    assert "Traceback" not in complaint


def test_stranger_sees_that_the_instance_file_is_another(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([str(each) for each in files]) == 0
    files[0].write_text(PLAIN.canonical().replace("5eed", "5eee"), "utf-8")
    capsys.readouterr()
    assert verifier.main([str(each) for each in files]) == 1
    assert capsys.readouterr().out.startswith("the outcome was made for another instance: it names ")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"format":"other"}',
        "[" * 100_000,
        PLAIN.canonical().replace("instance/1", "instance/2"),
        PLAIN.canonical().replace('"couples":[]', '"couples":[1]'),
        PLAIN.canonical().replace('"id":"b"', '"id":"a"'),
    ],
    ids=["empty", "nothing", "list", "other", "deep", "format", "couples", "twice"],
)
def test_stranger_hears_that_a_file_cannot_be_checked(
    files: Files, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    files[0].write_text(content, "utf-8")
    assert verifier.main([str(each) for each in files]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("these files cannot be checked: ")


def test_stranger_hears_how_to_call_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([]) == 2
    assert capsys.readouterr().err.startswith("usage: python verifier.py instance.json outcome.json")


def test_stranger_needs_to_read_less_than_250_lines() -> None:
    assert len(Path(verifier.__file__).read_text("utf-8").splitlines()) < 250


@often
@given(instances(5, 3))
def test_places_and_outcome_say_the_same(instance: Instance) -> None:
    outcome = solve(instance)
    assert dict(outcome.matches) == place(instance)
    assert len(outcome.matches) + len(outcome.unmatched) == len(instance.applicants)
