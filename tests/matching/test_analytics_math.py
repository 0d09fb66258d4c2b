"""The figures, against examples worked out by hand."""

import numpy as np
import pytest

from matching.analytics_math import (
    Mean,
    Rate,
    brier,
    ece,
    percentile,
    point_biserial,
    reliability,
    standardised_difference,
    wilson,
)

NOBODY, NEVER = np.array([]), np.array([], dtype=bool)


def flags(text):
    return np.array([letter == "y" for letter in text], dtype=bool)


@pytest.mark.parametrize(
    ("happened", "count", "interval"),
    [(0, 10, (0, 0.2775)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1)), (1, 100, (0.0018, 0.0545))],
)
def test_the_interval_is_the_one_of_the_tables(happened, count, interval):
    assert wilson(happened, count) == pytest.approx(interval, abs=1e-4)


def test_a_rate_of_nothing_is_no_rate():
    assert wilson(0, 0) is None
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


def test_bins_hold_about_equally_many_and_equal_forecasts_share_one():
    forecasts, booked = np.array([0.1, 0.1, 0.1, 0.5]), flags("ynny")
    bins = reliability(forecasts, booked, bins=2)
    assert [(round(each.forecast, 3), each.rate.happened, each.rate.count) for each in bins] == [
        (0.1, 1, 3),
        (0.5, 1, 1),
    ]


def test_the_calibration_error_weighs_bins_by_their_counts():
    bins = reliability(np.array([0.1, 0.1, 0.1, 0.5]), flags("ynny"), bins=2)
    # |1/3 − 0.1| × 3/4 + |1 − 0.5| × 1/4
    assert ece(bins) == pytest.approx((1 / 3 - 0.1) * 0.75 + 0.125)


def test_the_brier_score_is_the_mean_squared_miss():
    assert brier(np.array([0.8, 0.4]), flags("yn")) == pytest.approx((0.04 + 0.16) / 2)


def test_nothing_foretold_has_no_calibration():
    assert reliability(NOBODY, NEVER) == []
    assert (ece([]), brier(NOBODY, NEVER), percentile(NOBODY, 50), Mean.of(NOBODY)) == (
        None,
        None,
        None,
        Mean(0, None),
    )


def test_a_percentile_lies_between_its_neighbours():
    assert (percentile(np.array([1.0, 2, 3]), 50), percentile(np.array([0.0, 10]), 95)) == (2, 9.5)
