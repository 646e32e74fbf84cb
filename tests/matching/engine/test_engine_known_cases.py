"""Cases whose answer stands in the literature or follows from the rule by hand."""

from typing import Any

import pytest

from matching.engine.explain import explain
from matching.engine.lottery import number_of, seed_of
from matching.engine.outcome import outcome_of
from matching.engine.solve import solve
from matching.engine.stability import violations
from tests.matching.engine.instances import instance_of, lab


def placed(*arguments: Any, **more: Any) -> dict[str, str]:
    """The places that the engine finds, once they are shown to keep the rule and to be explainable."""
    instance = instance_of(*arguments, **more)
    outcome = solve(instance)
    assert violations(instance, outcome) == []
    assert explain(instance, outcome).keys() == {person.id for person in instance.applicants}
    return dict(outcome.matches)


def test_gale_and_shapley_1962_example_1_gives_every_proposer_the_first_choice() -> None:
    ranks = {"α": "A B C", "β": "B C A", "γ": "C A B"}
    labs = [lab("A", "β γ α"), lab("B", "γ α β"), lab("C", "α β γ")]
    assert placed(ranks, labs) == {"α": "A", "β": "B", "γ": "C"}


def test_gale_and_shapley_1962_example_2_has_one_stable_set() -> None:
    ranks = {"α": "A B C D", "β": "A D C B", "γ": "B A C D", "δ": "D B C A"}
    labs = [lab("A", "δ γ α β"), lab("B", "β δ α γ"), lab("C", "δ α β γ"), lab("D", "γ β α δ")]
    assert placed(ranks, labs) == {"α": "C", "β": "D", "γ": "A", "δ": "B"}


def test_roth_1985_college_admissions() -> None:
    """The example by which Roth (1985, "The College Admissions Problem Is Not Equivalent to the Marriage Problem")
    shows that colleges, unlike students, may all do better outside the stable matchings. One matching is stable.
    """
    ranks = {"s1": "C3 C1 C2", "s2": "C2 C1 C3", "s3": "C1 C3 C2", "s4": "C1 C2 C3"}
    labs = [lab("C1", "s1 s2 s3 s4", seats=2), lab("C2", "s1 s2 s3 s4"), lab("C3", "s3 s1 s2 s4")]
    assert placed(ranks, labs) == {"s1": "C3", "s2": "C2", "s3": "C1", "s4": "C1"}
    # every college likes this better (C1 has s2 for s3, C2 s1 for s2, C3 s3 for s1), and it is not stable
    instance = instance_of(ranks, labs)
    better = outcome_of(instance.sha256(), {"s1": "C2", "s2": "C1", "s3": "C3", "s4": "C1"}.items(), [])
    assert violations(instance, better)


def test_whom_a_lab_did_not_rank_it_never_gets() -> None:
    assert placed({"a": "l1", "b": "l1"}, [lab("l1", "b", seats=5)]) == {"b": "l1"}


def test_a_chain_of_refusals_is_followed_to_its_end() -> None:
    ranks = {"a": "l1 l2 l3", "b": "l2 l3", "c": "l1"}
    labs = [lab("l1", "c a"), lab("l2", "a b"), lab("l3", "b a")]
    assert placed(ranks, labs) == {"a": "l2", "b": "l3", "c": "l1"}


RESERVED = {"d": "overseas", "b": "overseas"}


@pytest.mark.parametrize(
    ("order", "chosen"),
    [
        # the open seats go to a and b, then the reserved one to the next member, d
        ("open_first", {"a", "b", "d"}),
        # b meets the guarantee already; the other two seats go by rank
        ("reserved_first", {"a", "b", "c"}),
    ],
)
def test_reserve_order_decides_whether_a_reserve_adds_to_those_who_come_by_rank(order: str, chosen: set[str]) -> None:
    reserves = [{"group": "overseas", "seats": 1}]
    labs = [lab("l1", "a b c d", seats=3, reserve_order=order, reserves=reserves)]
    assert placed(dict.fromkeys("abcd", "l1"), labs, groups=RESERVED).keys() == chosen


@pytest.mark.parametrize("order", ["open_first", "reserved_first"])
def test_a_reserved_seat_without_a_taker_goes_by_rank_to_anyone(order: str) -> None:
    reserves = [{"group": "sector", "seats": 2}]
    labs = [lab("l1", "a b c", seats=2, reserve_order=order, reserves=reserves)]
    assert placed(dict.fromkeys("abc", "l1"), labs).keys() == {"a", "b"}


@pytest.mark.parametrize(
    ("reserves", "chosen"), [(["overseas", "woman"], {"b", "c"}), (["woman", "overseas"], {"b", "d"})]
)
def test_reserves_are_filled_in_their_listed_order(reserves: list[str], chosen: set[str]) -> None:
    groups = {"b": "overseas woman", "c": "woman", "d": "overseas"}
    listed = [{"group": group, "seats": 1} for group in reserves]
    labs = [lab("l1", "a b c d", seats=2, reserves=listed)]
    assert placed(dict.fromkeys("abcd", "l1"), labs, groups=groups).keys() == chosen


# Kojima 2012 and Hafalir, Yenmez and Yildirim 2013: c is the minority, l1 has two seats and l2 one
MINORITY: dict[str, Any] = {"groups": {"c": "minority"}}
THREE = {"a": "l1", "b": "l1 l2", "c": "l2 l1"}


def test_kojima_2012_a_quota_for_the_majority_can_harm_the_minority_it_is_meant_for() -> None:
    """A quota of one for the majority at l1 is a seat that it cannot take: b moves on and turns c away."""
    free = placed(THREE, [lab("l1", "a b c", 2), lab("l2", "b c a", 1)], **MINORITY)
    assert free == {"a": "l1", "b": "l1", "c": "l2"}
    with_quota = placed(THREE, [lab("l1", "a c", 2), lab("l2", "b c a", 1)], **MINORITY)
    assert with_quota == {"a": "l1", "b": "l2", "c": "l1"}


@pytest.mark.parametrize("order", ["open_first", "reserved_first"])
def test_hafalir_yenmez_yildirim_2013_a_reserve_instead_does_not(order: str) -> None:
    reserves = [{"group": "minority", "seats": 1}]
    labs = [lab("l1", "a b c", 2, reserves=reserves, reserve_order=order), lab("l2", "b c a", 1)]
    assert placed(THREE, labs, **MINORITY) == {"a": "l1", "b": "l1", "c": "l2"}


def test_hafalir_yenmez_yildirim_2013_a_reserve_is_a_minimum_guarantee() -> None:
    """Members who come in by rank count towards it; only what is missing is made up."""
    reserves = [{"group": "minority", "seats": 2}]
    labs = [lab("l1", "a m1 b m2 m3 c", 4, reserves=reserves, reserve_order="reserved_first")]
    people = ["a", "b", "c", "m1", "m2", "m3"]
    found = placed(dict.fromkeys(people, "l1"), labs, groups=dict.fromkeys(["m1", "m2", "m3"], "minority"))
    assert found.keys() == {"a", "b", "m1", "m2"}


def test_dur_kominers_pathak_sonmez_2018_the_order_of_seats_is_a_policy_of_its_own() -> None:
    """Half of four seats are for those of the zone, who stand first and third to fifth.

    With the zone's seats first, its best two use them up, and the open seats go by rank to one of each; with the open
    seats first, those two take them, and the zone's seats go to two more of its own.
    """
    listed = "z1 x1 z2 z3 z4 x2"
    zone = dict.fromkeys(["z1", "z2", "z3", "z4"], "zone")
    reserves = [{"group": "zone", "seats": 2}]

    def chosen(order: str) -> set[str]:
        labs = [lab("l1", listed, 4, reserves=reserves, reserve_order=order)]
        return set(placed(dict.fromkeys(listed.split(), "l1"), labs, groups=zone))

    assert chosen("reserved_first") == {"z1", "z2", "x1", "z3"}
    assert chosen("open_first") == {"z1", "x1", "z2", "z3"}
    # the same four here; one more of the zone at the top tells them apart
    listed = "z1 z2 x1 x2 z3 z4"
    assert chosen("reserved_first") == {"z1", "z2", "x1", "x2"}
    assert chosen("open_first") == {"z1", "z2", "z3", "z4"}


def test_rural_hospitals_by_an_example_of_our_own() -> None:
    """The rural hospitals theorem (Roth 1986, "On the Allocation of Residents to Rural Hospitals"): a hospital that
    does not fill its places in one stable matching has the same residents in all. The lists are ours,
    made for this test: what applicants propose and what labs would propose differ, and yet l3 has its one holder in
    both, and its second seat stays empty.
    """
    ranks = {"a": "l1 l2 l3", "b": "l2 l1 l3", "c": "l1 l2 l3"}
    labs = [lab("l1", "b a c"), lab("l2", "a b c"), lab("l3", "a b c", 2)]
    assert placed(ranks, labs) == {"a": "l1", "b": "l2", "c": "l3"}
    mirrored = {"l1": "b a c", "l2": "a b c", "l3-1": "a b c", "l3-2": "a b c"}
    people = [lab(name, listed.replace("l3", "l3-1 l3-2")) for name, listed in ranks.items()]
    assert placed(mirrored, people) == {"l1": "b", "l2": "a", "l3-1": "c"}


def test_kamada_and_kojima_2015_flexible_caps_use_seats_that_a_fixed_split_wastes() -> None:
    """Two labs of ten seats and a target of five each under a cap of ten; three doctors want one, seven the other."""
    doctors = [f"d{number}" for number in range(10)]
    ranks = {name: "h1" if number < 3 else "h2" for number, name in enumerate(doctors)}
    labs = [lab("h1", " ".join(doctors), 10, target=5), lab("h2", " ".join(doctors), 10, target=5)]
    assert placed(ranks, labs, cap=10) == ranks


@pytest.mark.parametrize(("first", "second", "chosen"), [("l1", "l2", {"a", "b"}), ("l2", "l1", {"a", "c"})])
def test_beyond_the_targets_labs_take_turns_in_the_stated_order(first: str, second: str, chosen: set[str]) -> None:
    lists = {"l1": "a b", "l2": "c"}
    seats = {"l1": {"target": 1}, "l2": {"target": 0}}
    labs = [lab(name, lists[name], 2, **seats[name]) for name in (first, second)]
    assert placed({"a": "l1", "b": "l1", "c": "l2"}, labs, cap=2).keys() == chosen


def test_an_applicant_displaced_by_the_cap_tries_her_next_lab_of_the_same_institute() -> None:
    """The cap allows one. l1 has the first turn: b, then a, the better one there, though she prefers l2."""
    labs = [lab("l1", "a b", target=0), lab("l2", "a", target=0)]
    assert placed({"a": "l2 l1", "b": "l1"}, labs, cap=1) == {"a": "l1"}


def test_without_a_cap_a_target_is_ignored() -> None:
    assert placed({"a": "l1", "b": "l1"}, [lab("l1", "a b", 2, target=0)]).keys() == {"a", "b"}


def test_ties_go_by_one_lottery_number_for_all_labs() -> None:
    people = [f"p{number}" for number in range(8)]
    order = sorted(people, key=lambda name: number_of("5eed", name))
    ranks = dict.fromkeys(people, "l1 l2")
    labs = [lab("l1", [people], seats=3), lab("l2", [people], seats=3)]
    expected = {**dict.fromkeys(order[:3], "l1"), **dict.fromkeys(order[3:6], "l2")}
    assert placed(ranks, labs) == expected


def test_the_lottery_number_is_what_the_published_rule_says() -> None:
    # printf '5eed\na1' | sha256sum
    assert number_of("5eed", "a1") == "06b4099a758bc4acdb26d471bad501d280bddcb829454939b8a57728fade3470"
    # printf 'first secret\nsecond secret' | sha256sum
    assert (
        seed_of(["first secret", "second secret"]) == "f3fb7b1491eb59906845fcd9c9f6187732b52c71022a451216177f327a34e6ab"
    )
    assert seed_of(["second secret", "first secret"]) != seed_of(["first secret", "second secret"])


@pytest.mark.parametrize("secrets", [[], [""], ["two\nlines"], ["carriage\rreturn"]])
def test_a_seed_refuses_secrets_that_are_not_one_line_each(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="one line"):
        seed_of(secrets)


def test_nobody_and_nothing_is_a_match_too() -> None:
    assert placed({}, []) == {}


def test_progress_counts_applicants_up_to_all() -> None:
    instance = instance_of({f"a{number}": "l1" for number in range(1200)}, [lab("l1", "a1 a2")])
    heard: list[tuple[int, int]] = []
    solve(instance, lambda done, total: heard.append((done, total)))
    assert heard == [(500, 1200), (1000, 1200), (1200, 1200)]
