import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from matching.learning.calibration import Bin, brier, calibration_error, reliability, wilson


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(rate):
    happened, count = rate
    theirs = binomtest(happened, count).proportion_ci(method="wilson")
    assert wilson(happened, count) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_a_rate_of_nothing_has_no_interval():
    assert wilson(0, 0) is None


@pytest.mark.parametrize("rate", [(2, 1), (-1, 5), (0, -1)])
def test_more_hits_than_tries_are_refused(rate):
    with pytest.raises(ValueError, match="no rate"):
        wilson(*rate)


def test_bins_hold_every_forecast_once_and_rise():
    rng = np.random.default_rng(0)
    forecasts = rng.random(1003) ** 3
    bins = reliability(forecasts, rng.random(1003) < forecasts)
    assert [each.count for each in bins] == pytest.approx([100] * 10, abs=1)
    assert sum(each.count for each in bins) == 1003
    assert sorted(bins, key=lambda each: each.forecast) == bins


def test_true_forecasts_are_calibrated_and_doubled_ones_are_not():
    rng = np.random.default_rng(0)
    forecasts = rng.random(50_000) / 2
    happened = rng.random(50_000) < forecasts
    assert calibration_error(reliability(forecasts, happened)) == pytest.approx(0, abs=0.01)
    assert calibration_error(reliability(2 * forecasts, happened)) == pytest.approx(0.25, abs=0.02)


def test_equal_forecasts_share_a_bin():
    (only,) = reliability(np.full(20, 0.25), np.arange(20) < 5)
    assert only == Bin(20, 5, 0.25)
    assert only.rate == 0.25
    assert only.interval == wilson(5, 20)


def test_the_error_weighs_bins_by_their_count():
    assert calibration_error([Bin(30, 3, 0.2), Bin(10, 5, 0.9)]) == pytest.approx(0.75 * 0.1 + 0.25 * 0.4)


def test_brier_is_the_mean_squared_distance():
    assert brier(np.array([0.0, 0.8]), np.array([False, True])) == pytest.approx(0.02)


def test_without_forecasts_there_is_no_figure():
    nothing, never = np.array([]), np.array([], dtype=bool)
    assert reliability(nothing, never) == []
    assert calibration_error([]) is None
    assert brier(nothing, never) is None
