import numpy as np
import pytest

from matching.learning import gates, logit
from matching.learning.calibration import Bin, Interval, calibration_error, reliability
from matching.learning.gates import Code, Gain, examine
from tests.slates import CURRENT, OTHER, make_booked, make_slates


def bookings_of(*experts):
    """One booking of each expert named; nobody else is booked."""
    return make_booked(np.full((len(experts), 1, 5), 0.5), np.zeros(len(experts), dtype=int), experts)


def gain_of(differences, travelers):
    found = gates.gain(differences, travelers, seed=0)
    assert found is not None
    return found


def gate(found, code):
    return next(each for each in found if each.code == code)


def moved(**by):
    """The current weights, changed at the places named `_0` to `_4`."""
    weights = CURRENT.copy()
    for place, change in by.items():
        weights[int(place[1:])] += change
    return weights


@pytest.mark.parametrize(("count", "passed", "off"), [(199, False, 1), (200, True, 0)])
def test_gate_of_bookings(count, passed, off):
    found = gate(gates.gates_of_data(bookings_of(*range(count))), Code.BOOKINGS)
    assert (found.value, found.passed, found.off) == (count, passed, off)


@pytest.mark.parametrize(("count", "passed", "off"), [(29, False, 1), (30, True, 0)])
def test_gate_of_experts(count, passed, off):
    found = gate(gates.gates_of_data(bookings_of(*range(count), 0, 0, 1)), Code.EXPERTS)
    assert (found.value, found.passed, found.off) == (count, passed, off)


@pytest.mark.parametrize(("favourite", "passed", "off"), [(15, True, 0), (16, False, 0.01)])
def test_gate_of_the_largest_share(favourite, passed, off):
    slates = bookings_of(*[0] * favourite, *range(1, 101 - favourite))
    found = gate(gates.gates_of_data(slates), Code.EXPERT_SHARE)
    assert (found.value, found.passed, found.off) == (favourite / 100, passed, pytest.approx(off))


@pytest.mark.parametrize(("low", "passed", "off"), [(1e-6, True, 0), (0.0, False, 0), (-0.002, False, 0.002)])
def test_gate_of_log_loss(low, passed, off):
    found = gates.gate_of_gain(Gain(0.01, Interval(low, 0.02)))
    assert (found.passed, found.off) == (passed, off)


@pytest.mark.parametrize(("rate", "passed", "off"), [(45, True, 0), (46, False, 0.01)])
def test_gate_of_calibration(rate, passed, off):
    found = gates.gate_of_calibration(calibration_error([Bin(100, rate, 0.40)]))
    assert (found.passed, found.off) == (passed, pytest.approx(off))


@pytest.mark.parametrize(("by", "passed", "off"), [(0.10, True, 0), (0.101, False, 0.001)])
@pytest.mark.parametrize("sign", [1, -1])
def test_gate_of_moves(by, passed, off, sign):
    found = gate(gates.gates_of_weights(moved(_0=sign * by, _1=-sign * by), CURRENT), Code.MOVE)
    assert (found.value, found.passed, found.off) == (pytest.approx(by), passed, pytest.approx(off))


@pytest.mark.parametrize(("by", "passed", "off"), [(0.10, True, 0), (0.101, False, 0.001)])
def test_gate_of_the_smallest_weight(by, passed, off):
    found = gate(gates.gates_of_weights(moved(_4=-by, _0=by), CURRENT), Code.FLOOR)
    assert (found.value, found.passed, found.off) == (pytest.approx(0.15 - by), passed, pytest.approx(off))


def test_what_cannot_be_measured_does_not_pass():
    report = examine(make_slates(0), CURRENT)
    unknown = [each.code for each in report.gates if each.value is None]
    assert unknown == [Code.EXPERT_SHARE, Code.LOG_LOSS, Code.CALIBRATION]
    assert all(not each.passed and each.off is None for each in report.gates if each.value is None)
    assert (report.gain, report.bins) == (None, [])


def test_every_gate_is_told_once_whatever_the_data():
    for count in (0, 1, 4, 300):
        assert sorted(each.code for each in examine(make_slates(count), CURRENT).gates) == sorted(Code)


def test_plain_evidence_passes_every_gate():
    report = examine(make_slates(12_000), CURRENT)
    assert [each.code for each in report.gates if not each.passed] == []
    assert report.gain
    assert report.gain.interval.low <= report.gain.mean <= report.gain.interval.high
    assert report.trained.weights == pytest.approx(OTHER, abs=0.04)


def test_chance_alone_seldom_passes():
    reports = [examine(make_slates(700, CURRENT, seed=seed), CURRENT) for seed in range(20)]
    assert sum(gate(report.gates, Code.LOG_LOSS).passed for report in reports) <= 1


def test_learned_and_current_weights_are_trained_on_the_same_past():
    report = examine(make_slates(1000), CURRENT)
    past, latest = make_slates(1000).split_latest(0.2)
    assert report.trained.weights == pytest.approx(logit.fit(past, CURRENT).weights)
    assert report.rival.scale == pytest.approx(logit.fit_around(past, CURRENT).scale)
    gained = report.rival.log_loss(latest) - report.trained.log_loss(latest)
    assert report.gain
    assert report.gain.mean == pytest.approx(gained.mean())


def test_calibration_is_that_of_what_is_told_without_appeals():
    slates = make_slates(1000, appeals=np.linspace(-1, 1, 100))
    report, (_, latest) = examine(slates, CURRENT), slates.split_latest(0.2)
    told, known = report.trained.without_appeals(), report.trained
    assert report.bins == reliability(told.probabilities(latest), latest.booked)
    assert report.bins != reliability(known.probabilities(latest), latest.booked)
    assert sum(each.count for each in report.bins) == len(latest.slate)


def test_all_slates_teach_what_would_be_activated():
    slates = make_slates(1000)
    assert examine(slates, CURRENT).fit.weights == pytest.approx(logit.fit(slates, CURRENT).weights)


def test_the_same_seed_gives_the_same_interval():
    slates = make_slates(1000)
    assert examine(slates, CURRENT, seed=3).gain == examine(slates, CURRENT, seed=3).gain
    assert examine(slates, CURRENT, seed=3).gain != examine(slates, CURRENT, seed=4).gain


def test_trips_of_one_traveler_count_as_one():
    differences = np.random.default_rng(0).normal(0.1, 1, 400)
    apart = gain_of(differences, np.arange(400))
    together = gain_of(np.repeat(differences, 4), np.repeat(np.arange(400), 4))
    assert together.interval == pytest.approx(apart.interval)


def test_the_interval_is_about_the_normal_one():
    differences = np.random.default_rng(0).normal(0, 1, 2500)
    interval = gain_of(differences, np.arange(2500)).interval
    assert interval.high - interval.low == pytest.approx(2 * 1.96 / 50, rel=0.1)


def test_few_travelers_give_no_interval():
    assert gates.gain(np.ones(290), np.repeat(np.arange(29), 10), seed=0) is None
    assert gates.gain(np.ones(300), np.repeat(np.arange(30), 10), seed=0) is not None
