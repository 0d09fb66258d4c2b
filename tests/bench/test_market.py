"""The simulated market is what its bench says it is, on a small scale."""

import json

import numpy as np
import pytest

from bench import market
from bench.market import POSITIONS, TODAY, Market, Trips, first_bookings


@pytest.fixture(scope="module")
def slates():
    return Market(None, POSITIONS["bias"], seed=1).slates(3000)


def test_most_slates_end_without_a_booking_and_the_first_place_gets_most(slates):
    assert 0.05 < slates.bookings / len(slates) < 0.3
    by_place = np.bincount(slates.positions[slates.booked])
    assert by_place.argmax() == 0


def test_some_experts_are_booked_far_more_than_others(slates):
    _, counts = np.unique(slates.expert[slates.booked], return_counts=True)
    assert counts.max() > 5 * np.median(counts)


def test_the_seed_decides_everything():
    one, same, other = (Market(None, POSITIONS["bias"], seed).slates(50) for seed in (3, 3, 4))
    assert (one.values == same.values).all()
    assert (one.chosen == same.chosen).all()
    assert (one.values != other.values).any()


def test_sizes_are_counted_in_bookings():
    found = dict(first_bookings(Market(TODAY, POSITIONS["no bias"], seed=0), (10, 40)))
    assert {size: slates.bookings for size, slates in found.items()} == {10: 10, 40: 40}


def test_ranking_by_merit_is_the_best_there_is():
    values = np.random.default_rng(0).random((30, 8, 5))
    trips = Trips(values, np.zeros((30, 8), dtype=int), np.arange(30), 15 * values @ TODAY)
    assert trips.quality(TODAY) == pytest.approx(1)
    assert trips.quality(-TODAY) < trips.quality(TODAY[::-1]) < 1


def test_figures_can_be_printed():
    results = json.loads(json.dumps(market.measure(seeds=1, sizes=(40, 500))))
    assert list(results) == ["seeds", "bias 40", "bias 500", "no bias 40", "no bias 500"]
    for case in ("bias 500", "no bias 500"):
        assert results[case]["ndcg"]["learned"] > results[case]["ndcg"]["today"]
        assert results[case]["l1"]["learned"] < results[case]["l1"]["today"]
    assert results["bias 40"]["activated"]["stopped_by"]["bookings"] == 1
