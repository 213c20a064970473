"""Ranks: our objects keep their order in a list in which others stand too, with few moves, and others keep theirs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.rank import staying, target


def brought_in_order(line: list[str], numbers: dict[str, int]) -> tuple[list[str], int]:
    """What an apply does: those that do not stay are moved, from the lowest number to the highest."""
    ours = [one for one in line if one in numbers]
    stays = staying([numbers[one] for one in ours])
    moving = sorted((one for at, one in enumerate(ours) if at not in stays), key=lambda one: (numbers[one], one))
    moves = 0
    for one in moving:
        place = target(line, numbers, one, numbers[one])
        if place is not None:
            line = [other for other in line if other != one]
            line.insert(place, one)
            moves += 1
    return line, moves


LINES = st.lists(st.integers(0, 6), max_size=8).flatmap(
    lambda numbers: st.tuples(
        st.permutations([f"ours-{at}" for at in range(len(numbers))] + [f"theirs-{at}" for at in range(3)]),
        st.just({f"ours-{at}": number for at, number in enumerate(numbers)}),
    )
)


@settings(max_examples=300)
@given(LINES)
def test_ours_rise_and_others_keep_their_order_whatever_stood_there(case: tuple[list[str], dict[str, int]]) -> None:
    line, numbers = case
    after, moves = brought_in_order(line, numbers)
    found = [numbers[one] for one in after if one in numbers]
    assert found == sorted(found)
    assert [one for one in after if one not in numbers] == [one for one in line if one not in numbers]
    assert sorted(after) == sorted(line)
    assert brought_in_order(after, numbers) == (after, 0)
    assert moves <= len(numbers)


@settings(max_examples=300)
@given(st.lists(st.integers(0, 5), max_size=9))
def test_what_moves_is_seen_to_be_out_of_order(numbers: list[int]) -> None:
    stays = staying(numbers)
    kept = [numbers[at] for at in sorted(stays)]
    assert kept == sorted(kept)
    assert all(sorted(numbers)[at] != numbers[at] for at in range(len(numbers)) if at not in stays)


@settings(max_examples=200)
@given(LINES, st.integers(0, 6))
def test_a_new_one_is_made_where_it_belongs(case: tuple[list[str], dict[str, int]], number: int) -> None:
    line, numbers = case
    line, _ = brought_in_order(line, numbers)
    place = target(line, numbers, None, number)
    if place is not None:
        line.insert(place, "new")
        found = [numbers.get(one, number) for one in line if one in {*numbers, "new"}]
        assert found == sorted(found)


def test_one_that_somebody_dragged_is_the_only_one_to_move() -> None:
    assert staying([3, 0, 1, 2]) == {1, 2, 3}
    assert staying([1, 2, 3, 0]) == {0, 1, 2}
    assert staying([10, 20, 30]) == {0, 1, 2}
    assert staying([]) == set()


def test_where_the_fewest_moves_would_look_like_none_those_in_their_place_stay() -> None:
    # 2 stands where it belongs, though no longest rising run has it.
    assert staying([3, 4, 2, 0, 1]) == {2}


def test_one_among_strangers_need_not_move() -> None:
    assert target(["a", "mine", "b"], {"mine": 7}, "mine", 7) is None
    assert target(["a", "b"], {}, None, 7) is None


def test_places_are_counted_without_the_one_that_moves() -> None:
    assert target(["mine", "a", "low", "b"], {"mine": 1, "low": 0}, "mine", 1) == 2
    assert target(["a", "high", "mine"], {"mine": 0, "high": 1}, "mine", 0) == 1
