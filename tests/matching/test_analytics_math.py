"""The figures, against examples worked out by hand."""

import numpy as np
import pytest

from matching.analytics_math import (
    Mean,
    Rate,
    percentile,
    point_biserial,
    standardised_difference,
)

NOBODY, NEVER = np.array([]), np.array([], dtype=bool)


def flags(text):
    return np.array([letter == "y" for letter in text], dtype=bool)


def test_a_rate_of_nothing_is_no_rate():
    assert Rate.of(0, 0) == Rate(0, 0, None, None)
    assert Rate.among(NEVER) == Rate(0, 0, None, None)


def test_a_rate_carries_its_count():
    rate = Rate.among(flags("yyn"))
    assert (rate.happened, rate.count, rate.value) == (2, 3, pytest.approx(2 / 3))


def test_a_difference_is_told_in_pooled_standard_deviations():
    # Means 6 and 2; squares 2 + 2 over 4 − 2 degrees of freedom: a deviation of √2.
    values = np.array([5.0, 7, 1, 3])
    assert standardised_difference(values, flags("yynn")) == pytest.approx(4 / 2**0.5)


def test_the_correlation_is_pearsons():
    values, booked = np.array([5.0, 7, 1, 3, 9]), flags("yynnn")
    assert point_biserial(values, booked) == pytest.approx(np.corrcoef(values, booked)[0, 1])


@pytest.mark.parametrize(
    ("values", "booked"),
    [
        ([], ""),
        ([5.0, 7.0, 9.0], "yyy"),
        ([5.0, 7.0], "nn"),
        ([4.0, 4.0, 4.0], "ynn"),
        ([4.0, 5.0], "yn"),
    ],
)
def test_without_two_groups_that_vary_there_is_no_difference(values, booked):
    assert standardised_difference(np.array(values), flags(booked)) is None


@pytest.mark.parametrize(
    ("values", "booked"), [([], ""), ([5.0, 7.0], "yy"), ([5.0, 7.0], "nn"), ([4.0, 4.0], "yn")]
)
def test_without_two_groups_that_vary_there_is_no_correlation(values, booked):
    assert point_biserial(np.array(values), flags(booked)) is None


def test_nothing_has_neither_percentile_nor_mean():
    assert (percentile(NOBODY, 50), Mean.of(NOBODY)) == (None, Mean(0, None))


def test_a_percentile_lies_between_its_neighbours():
    assert (percentile(np.array([1.0, 2, 3]), 50), percentile(np.array([0.0, 10]), 95)) == (2, 9.5)
