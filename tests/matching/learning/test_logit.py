import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from matching.learning import logit
from matching.learning.logit import Fit, Objective, fit, fit_around
from matching.learning.slates import NOTHING
from tests.slates import CURRENT, OTHER, OUTSIDE, POSITIONS, SCALE, make_booked, make_slates

TRUTH = Fit(OTHER, SCALE, POSITIONS, OUTSIDE)


@given(st.integers(0, 100), st.lists(st.floats(-1, 1), min_size=16, max_size=16))
@settings(max_examples=20, deadline=None)
def test_the_gradient_is_that_of_the_objective(seed, away):
    slates = make_slates(30, seed=seed, experts=6)
    objective = Objective(slates, slates.values - slates.values.mean(axis=0), CURRENT)
    point = objective.start + away
    numeric = approx_fprime(point, lambda x: objective(x)[0], 1e-6)
    assert objective(point)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-2)


def test_known_weights_and_positions_come_back_from_many_bookings():
    slates = make_slates(30_000)
    found = fit(slates, CURRENT)
    assert slates.bookings > 8000
    assert found.weights == pytest.approx(OTHER, abs=0.015)
    assert found.positions == pytest.approx(POSITIONS, abs=0.12)
    assert found.scale == pytest.approx(SCALE, rel=0.08)
    assert found.outside == pytest.approx(OUTSIDE, rel=0.08)


def test_position_is_not_taken_for_merit():
    # The first is better in expertise alone, and is booked for standing first.
    rng = np.random.default_rng(4)
    values = rng.uniform(0.4, 0.6, (4000, 5, 5))
    values[:, :, 0] = np.linspace(0.9, 0.3, 5) + rng.uniform(-0.1, 0.1, (4000, 5))
    chosen = rng.choice([0, 1, 2, 3, 4, NOTHING], 4000, p=[0.3, 0.1, 0.05, 0.03, 0.02, 0.5])
    assert fit(make_booked(values, chosen), CURRENT).weights[0] < 0.40


def test_known_appeals_come_back_the_nearer_the_more_is_known():
    appeals = np.linspace(-1, 1, 20)
    slates = make_slates(8000, experts=20, appeals=appeals)
    few, many = (fit(slates.take(np.arange(count)), CURRENT).appeals for count in (300, 8000))
    assert [many[expert] for expert in range(20)] == pytest.approx(appeals, abs=0.25)
    assert np.mean(np.abs(list(few.values()))) < np.mean(np.abs(list(many.values())))


def test_what_makes_some_experts_liked_is_not_taken_for_merit():
    liked = np.arange(40) < 10
    slates = make_slates(3000, CURRENT, experts=40, appeals=1.5 * liked)
    slates.values[:, 2] = np.clip(slates.values[:, 2] + 0.2 * liked[slates.expert], 0, 1)
    unknown = dataclasses.replace(slates, expert=np.arange(len(slates.expert)))
    assert fit(slates, CURRENT).weights[2] == pytest.approx(CURRENT[2], abs=0.03)
    assert fit(unknown, CURRENT).weights[2] > CURRENT[2] + 0.06


def test_an_appeal_counts_as_utility_and_strangers_have_none():
    slates = make_slates(50, experts=5, outside=1000)
    known = dataclasses.replace(TRUTH, appeals={3: 1.0, 70: 9.0})
    odds, plain = (
        np.log(each.probabilities(slates)) + each.log_loss(slates)[slates.slate] for each in (known, TRUTH)
    )
    assert (odds - plain).round(9).tolist() == (slates.expert == 3).tolist()
    strangers = dataclasses.replace(slates, expert=slates.expert + 100)
    assert (known.probabilities(strangers) == TRUTH.probabilities(strangers)).all()


def test_weights_are_a_share_of_one():
    weights = fit(make_slates(3000), CURRENT).weights
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()


def test_more_bookings_move_the_weights_further_from_the_prior():
    slates = make_slates(20_000)
    moved = [
        np.abs(fit(slates.take(np.arange(n)), CURRENT).weights - CURRENT).sum() for n in (20, 700, 20_000)
    ]
    assert moved[0] < 0.05 < moved[1] < moved[2]


def test_the_order_of_slates_does_not_matter():
    slates = make_slates(800)
    turned = slates.take(np.random.default_rng(1).permutation(800))
    one, other = fit(slates, CURRENT), fit(turned, CURRENT)
    assert one.weights == pytest.approx(other.weights, abs=1e-4)
    assert one.positions == pytest.approx(other.positions, abs=1e-3)


def sane(found):
    figures = [*found.weights, found.scale, *found.positions, found.outside]
    return bool(np.isfinite(figures).all()) and found.scale > 0


@pytest.mark.parametrize("count", [0, 1, 300])
def test_without_a_booking_the_weights_stay(count):
    found = fit(make_slates(count, outside=1000), CURRENT)
    assert found.weights == pytest.approx(CURRENT)
    assert sane(found)


def test_one_booking_hardly_moves_them():
    found = fit(make_slates(1, outside=-1000), CURRENT)
    assert found.weights == pytest.approx(CURRENT, abs=0.02)
    assert sane(found)


def test_values_that_are_all_the_same_move_nothing():
    chosen = np.random.default_rng(0).integers(-1, 5, 500)
    found = fit(make_booked(np.full((500, 5, 5), 0.7), chosen), CURRENT)
    assert found.weights == pytest.approx(CURRENT, abs=1e-3)
    assert sane(found)


def test_bookings_that_do_not_depend_on_values_move_little():
    rng = np.random.default_rng(0)
    found = fit(make_booked(rng.random((2000, 5, 5)), rng.integers(-1, 5, 2000)), CURRENT)
    assert found.weights == pytest.approx(CURRENT, abs=0.03)


def test_a_factor_that_is_the_same_for_all_keeps_about_its_weight():
    slates = make_slates(8000)
    slates.values[:, 3] = 1.0
    found = fit(slates, CURRENT)
    assert found.weights[3] == pytest.approx(CURRENT[3], abs=0.02)
    assert sane(found)


def test_bookings_that_one_factor_decides_perfectly_stay_finite():
    values = np.full((400, 2, 5), 0.5)
    values[:, 1, 2] = 1.0
    found = fit(make_booked(values, np.ones(400, dtype=int)), CURRENT)
    assert sane(found)
    assert found.weights[2] > CURRENT[2]


def test_probabilities_of_a_slate_and_of_nothing_sum_to_one():
    slates = make_slates(20, outside=1000)
    nothing = np.exp(-TRUTH.log_loss(slates))
    assert slates.per_slate(TRUTH.probabilities(slates)) + nothing == pytest.approx(1)


def test_the_loss_is_that_of_what_was_booked():
    slates = make_slates(50, outside=-1000)
    sure = Fit(OTHER, SCALE, POSITIONS, -1000.0)
    assert np.exp(-sure.log_loss(slates)) == pytest.approx(sure.probabilities(slates)[slates.booked])


def test_extreme_utilities_do_not_overflow():
    slates = make_slates(10)
    assert np.isfinite(Fit(OTHER, 1e6, POSITIONS, 0.0).log_loss(slates)).all()


def test_the_truth_loses_less_than_the_current_weights():
    past, latest = make_slates(20_000).split_latest(0.5)
    rival = fit_around(past, CURRENT)
    assert rival.weights == pytest.approx(CURRENT)
    assert fit(past, CURRENT).log_loss(latest).mean() < rival.log_loss(latest).mean()


@pytest.mark.parametrize(
    "weights", [[0.5, 0.5, 0, 0, 0], [0.3] * 5, [np.nan] * 5, [1.2, -0.05, -0.05, -0.05, -0.05]]
)
def test_current_weights_must_be_weights(weights):
    with pytest.raises(ValueError, match="positive and sum to 1"):
        logit.checked(weights)
