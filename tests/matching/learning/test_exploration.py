from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.learning.exploration import CLOSE_TENTHS, explore

scores = st.lists(st.integers(500, 620), max_size=7).map(
    lambda found: np.array(sorted(found, reverse=True), dtype=int)
)
shares = st.floats(0, 1)


def by_hand(scores, probability):
    """Every order with its probability: all outcomes of the first coin and of the coins of its pairs."""
    chances: dict[tuple[int, ...], float] = {}
    for first in (0, 1):
        pairs = [i for i in range(first, len(scores) - 1, 2) if scores[i] - scores[i + 1] < CLOSE_TENTHS]
        for swaps in product([True, False], repeat=len(pairs)):
            order, chance = list(range(len(scores))), 0.5
            for i, swapped in zip(pairs, swaps, strict=True):
                chance *= probability if swapped else 1 - probability
                if swapped:
                    order[i], order[i + 1] = order[i + 1], order[i]
            chances[tuple(order)] = chances.get(tuple(order), 0) + chance
    return chances


@given(scores, shares, st.integers(0, 2**32))
def test_propensities_are_those_of_all_outcomes_counted(scores, probability, seed):
    chances = by_hand(scores, probability)
    shown = explore(scores, probability, seed)
    for place, (item, propensity) in enumerate(zip(shown.order, shown.propensity, strict=True)):
        expected = sum(chance for order, chance in chances.items() if order[place] == item)
        assert propensity == pytest.approx(expected)
        assert propensity > 0


def test_items_stand_where_they_stand_as_often_as_said():
    shown = explore(np.tile([800, 790, 785, 700, 699, 690], (40_000, 1)), 0.3, seed=5)
    for place in range(6):
        for item in set(shown.order[:, place]):
            there = shown.order[:, place] == item
            (said,) = set(shown.propensity[there, place])
            assert there.mean() == pytest.approx(said, abs=0.01)


@given(scores, shares, st.integers(0, 2**32))
def test_nobody_moves_by_more_than_a_place_or_past_a_clearly_better_one(scores, probability, seed):
    order = explore(scores, probability, seed).order
    assert sorted(order) == list(range(len(scores)))
    for place, item in enumerate(order):
        assert abs(item - place) <= 1
        assert abs(scores[item] - scores[place]) < CLOSE_TENTHS


@pytest.mark.parametrize(("gap", "swapped"), [(29, True), (30, False)])
def test_three_points_are_no_longer_close(gap, swapped):
    shown = explore(np.tile([600, 600 - gap], (50, 1)), 1.0, seed=0)
    assert bool((shown.order[:, 0] == 1).any()) == swapped


@given(scores, st.integers(0, 2**32))
def test_without_exploration_the_order_stays(scores, seed):
    shown = explore(scores, 0, seed)
    assert shown.order.tolist() == list(range(len(scores)))
    assert (shown.propensity == 1).all()


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_or_one_cannot_be_swapped(count):
    assert explore(np.full(count, 700), 1.0, seed=1).propensity.tolist() == [1.0] * count


def test_the_same_seed_shows_the_same():
    ranked = np.full(6, 700)
    assert (explore(ranked, 0.5, 11).order == explore(ranked, 0.5, 11).order).all()
    assert len({tuple(explore(ranked, 0.5, seed).order) for seed in range(50)}) > 5


@pytest.mark.parametrize(
    ("ranked", "probability"), [([500, 501], 0.1), ([501, 500], 1.1), ([501, 500], -0.1)]
)
def test_scores_that_rise_and_shares_over_one_are_refused(ranked, probability):
    with pytest.raises(ValueError):
        explore(np.array(ranked), probability, seed=0)
