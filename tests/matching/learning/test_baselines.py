import numpy as np
import pytest

from matching.learning.baselines import Problem, difference_of_means
from matching.learning.slates import NOTHING
from tests.slates import make_booked, make_slates


def pair(booked, other, chosen=0):
    return make_booked([[booked, other]], [chosen])


def test_weights_are_the_normalised_differences():
    found = difference_of_means(pair([0.6, 0.6, 0.5, 0.5, 0.5], [0.3, 0.5, 0.4, 0.4, 0.5]))
    assert found.weights == pytest.approx(np.array([3, 1, 1, 1, 0]) / 6)
    assert found.problem is None


def test_a_weight_can_be_negative():
    found = difference_of_means(pair([0.6, 0.3, 0.5, 0.5, 0.5], [0.3, 0.4, 0.5, 0.5, 0.5]))
    assert found.weights == pytest.approx(np.array([1.5, -0.5, 0, 0, 0]))
    assert found.problem == Problem.NEGATIVE_WEIGHT


@pytest.mark.parametrize("booked", [[0.4, 0.4, 0.4, 0.4, 0.4], [0.5, 0.3, 0.4, 0.4, 0.4]])
def test_differences_that_sum_to_zero_cannot_be_normalised(booked):
    found = difference_of_means(pair(booked, [0.4] * 5))
    assert found.weights is None
    assert found.problem == Problem.DIVISION_BY_ZERO


@pytest.mark.parametrize(
    "slates", [pair([0.4] * 5, [0.5] * 5, NOTHING), make_slates(0), make_booked([[[0.5] * 5]], [0])]
)
def test_nothing_to_compare_is_said(slates):
    found = difference_of_means(slates)
    assert (found.weights, found.problem) == (None, Problem.NOTHING_TO_COMPARE)


def test_position_is_taken_for_merit():
    # Values are noise but for expertise, which falls down the page; travelers book the first, whoever it is.
    rng = np.random.default_rng(2)
    values = rng.uniform(0.4, 0.6, (500, 5, 5))
    values[:, :, 0] = np.linspace(0.9, 0.3, 5)
    found = difference_of_means(make_booked(values, np.zeros(500, dtype=int)))
    assert found.weights == pytest.approx(np.array([1, 0, 0, 0, 0]), abs=0.1)
