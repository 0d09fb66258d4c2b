"""What must hold of the four plain factors, whatever the numbers: bounds, direction, and nobody's place in the row."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experts.models import CommunicationStyle, Level
from matching import factors
from matching.engine import tenths

ROUNDING = 1e-9
STYLES = CommunicationStyle.values

prices = st.floats(1, 1e6)
hours = st.floats(0, 9_999)
calendars = arrays(np.bool_, st.tuples(st.integers(1, 4), st.integers(1, 40)))
ratings = st.integers(0, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(n, 5 * n)))


def given(*strategies):
    """Forty examples: formulas this smooth have few corners."""
    return lambda test: settings(max_examples=40)(given_any(*strategies)(test))


def column(*values):
    return np.array(values, dtype=float)


def talk(level=7, style="friendly", wanted="", hours=24.0, rated=(0, 0)):
    count, total = rated
    return factors.communication(
        level=None if level is None else np.array([level]),
        styles=[style],
        wanted_style=wanted,
        response_hours=column(hours),
        rating_sum=column(total),
        rating_count=column(count),
    ).values[0]


def spend(amount, low, high, rated=(0, 0)):
    count, total = rated
    return factors.budget(
        amount=amount,
        price_min=column(low),
        price_max=column(high),
        rating_sum=column(total),
        rating_count=column(count),
    )


def place(blocked, days, people=2, largest=6.0, apart=0.0):
    return factors.availability(
        blocked=blocked,
        days=days,
        people=people,
        group_size_max=np.full(len(blocked), largest),
        hours_apart=apart,
    )


def trust(rated=(0, 0), recent=(0, 0), completed=0, repeat=0, verified=0, years=0.0):
    return factors.trust(
        rating_sum=column(rated[1]),
        rating_count=column(rated[0]),
        recent_sum=column(recent[1]),
        recent_count=column(recent[0]),
        completed=column(completed),
        repeat_clients=column(repeat),
        verified=column(verified),
        years_active=column(years),
    ).values[0]


@given(st.none() | st.integers(0, 7), st.sampled_from(STYLES), st.sampled_from(["", *STYLES]), hours, ratings)
def test_communication_is_never_below_0_or_above_100(level, style, wanted, hours, rated):
    assert 0 <= talk(level, style, wanted, hours, rated) <= 100


@given(st.integers(0, 6), st.sampled_from(STYLES), st.sampled_from(["", *STYLES]), hours, ratings)
def test_a_better_level_of_the_language_never_lowers_communication(level, style, wanted, hours, rated):
    worse, better = (talk(each, style, wanted, hours, rated) for each in (level, level + 1))
    assert worse <= better <= talk(None, style, wanted, hours, rated)


@given(hours, hours, ratings)
def test_answering_sooner_never_lowers_communication(one, other, rated):
    soon, late = sorted([one, other])
    assert talk(hours=soon, rated=rated) >= talk(hours=late, rated=rated)


@given(ratings, st.integers(1, 5), st.integers(1, 5))
def test_of_two_ratings_of_communication_the_better_one_counts_more(rated, one, other):
    count, total = rated
    worse, better = (talk(rated=(count + 1, total + stars)) for stars in sorted([one, other]))
    assert worse <= better


def test_every_style_has_its_fit_with_every_other_and_is_best_served_by_its_own():
    fits = [(wanted, style) for wanted, fit in factors.STYLE_FIT.items() for style in fit]
    assert sorted(fits) == sorted(product(STYLES, STYLES))
    assert all(max(fit, key=fit.__getitem__) == wanted for wanted, fit in factors.STYLE_FIT.items())
    assert len(factors.LANGUAGE_SHARE) == max(Level.values) + 1


@given(st.none() | prices, prices, st.floats(0, 1e5), ratings)
def test_the_budget_factor_is_never_below_0_or_above_100(amount, low, spread, rated):
    assert 0 <= spend(amount, low, low + spread, rated).values[0] <= 100


@given(prices, prices, st.floats(1.0, 5.0))
def test_above_the_budget_a_price_nearer_to_it_never_lowers_the_fit(amount, low, factor):
    near, far = amount + low, amount + low * factor
    assert spend(amount, near, near * 1.5).fit[0] >= spend(amount, far, far * 1.5).fit[0]


@given(prices, st.floats(0, 1), st.floats(0, 1))
def test_within_the_range_a_higher_budget_never_lowers_the_fit(low, one, other):
    less, more = (low + low * share for share in sorted([one, other]))
    assert spend(less, low, 2 * low).fit[0] <= spend(more, low, 2 * low).fit[0] + ROUNDING


@given(prices, st.floats(1, 2))
def test_up_to_twice_the_highest_price_the_fit_is_full(high, times):
    assert spend(times * high, high / 2, high).fit[0] == pytest.approx(1)


@given(st.floats(2, 100))
def test_above_twice_the_highest_price_the_fit_eases_off_to_85_percent(times):
    expected = max(1 - 0.15 * (times / 2 - 1), 0.85)
    assert spend(times * 120, 80, 120).fit[0] == pytest.approx(expected)


@pytest.mark.parametrize("edge", [80, 120, 240, 480])
def test_the_budget_fit_has_no_jump_anywhere(edge):
    below, above = (spend(edge * nearly, 80, 120).fit[0] for nearly in (0.99999, 1.00001))
    assert below == pytest.approx(above, abs=1e-4)


@pytest.mark.parametrize("price", [0.01, 100, 9e7])
def test_who_has_one_price_for_all_fits_a_budget_of_just_that(price):
    assert spend(price, price, price).fit[0] == pytest.approx(1)
    assert spend(price / 2, price, price).fit[0] < 0.1


@given(calendars, st.integers(1, 90), st.integers(1, 100), st.floats(1, 30), st.floats(0, 24))
def test_availability_is_never_below_0_or_above_100(blocked, days, people, largest, apart):
    values = place(blocked, days, people, largest, apart).values
    assert values.min() >= 0
    assert values.max() <= 100


@given(calendars, st.integers(1, 90), st.randoms(use_true_random=False))
def test_a_day_set_free_never_lowers_availability(blocked, days, chance):
    freed = blocked.copy()
    freed[chance.randrange(len(blocked)), chance.randrange(blocked.shape[1])] = False
    assert (place(freed, days).values >= place(blocked, days).values).all()


@given(calendars, st.integers(1, 40))
def test_the_free_share_is_that_of_the_best_days_in_a_row_by_plain_counting(blocked, days):
    days = min(days, blocked.shape[1])
    starts = range(blocked.shape[1] - days + 1)
    best = [max(sum(~row[start : start + days]) for start in starts) / days for row in blocked]
    assert factors.free_share(blocked, days).tolist() == pytest.approx(best)


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_smaller_group_never_lowers_availability(one, other):
    free, (small, large) = np.zeros((1, 3), dtype=bool), sorted([one, other])
    assert place(free, 3, people=small).values[0] >= place(free, 3, people=large).values[0]


@given(st.floats(0, 12), st.floats(0, 12))
def test_clocks_nearer_to_each_other_never_lower_availability(one, other):
    free, (near, far) = np.zeros((1, 3), dtype=bool), sorted([one, other])
    assert place(free, 3, apart=near).values[0] >= place(free, 3, apart=far).values[0]


@given(ratings, st.integers(0, 400), st.integers(0, 400), st.booleans(), st.floats(0, 60))
def test_trust_is_never_below_0_or_above_100(rated, completed, repeat, verified, years):
    assert 0 <= trust(rated, rated, completed, repeat, verified, years) <= 100


@given(ratings, st.integers(0, 300), st.integers(0, 50))
def test_another_good_review_never_lowers_trust(older, completed, repeat):
    """A review that has just come is also one of the last year."""
    count, total = older
    for recent in ((0, 0), older):
        before = trust(older, recent, completed, repeat)
        after = trust((count + 1, total + 5), (recent[0] + 1, recent[1] + 5), completed, repeat)
        assert after >= before - ROUNDING


@given(ratings, st.integers(1, 5), st.integers(1, 5))
def test_of_two_reviews_the_better_one_makes_more_trust(rated, one, other):
    count, total = rated
    worse, better = (
        trust((count + 1, total + stars), (count + 1, total + stars)) for stars in sorted([one, other])
    )
    assert worse <= better


@given(ratings, st.integers(0, 300), st.integers(0, 299))
def test_another_client_who_came_back_never_lowers_trust(rated, completed, repeat):
    assert trust(rated, completed=completed, repeat=repeat + 1) >= trust(
        rated, completed=completed, repeat=repeat
    )


def test_a_newcomer_stands_between_the_badly_and_the_well_rated():
    badly, new, well = trust((20, 50)), trust(), trust((20, 100), (20, 100))
    assert badly < new < well


def test_the_first_review_counts_more_than_the_hundredth():
    first = trust((1, 5)) - trust()
    hundredth = trust((100, 500)) - trust((99, 495))
    assert first > 10 * hundredth > 0


@given(st.lists(ratings, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_a_place_in_the_row_moves_no_value(rated, chance):
    places = list(range(len(rated)))
    chance.shuffle(places)
    counts, sums = column(*(n for n, _ in rated)), column(*(total for _, total in rated))
    zeros = np.zeros(len(rated))
    rest = dict.fromkeys(["completed", "repeat_clients", "verified", "years_active"], zeros)

    def values(counts, sums):
        return factors.trust(
            rating_sum=sums, rating_count=counts, recent_sum=sums, recent_count=counts, **rest
        ).values

    assert values(counts, sums)[places].tolist() == values(counts[places], sums[places]).tolist()


@pytest.mark.parametrize(
    ("value", "kept"), [(0, 0), (0.04, 0), (0.05, 1), (49.94, 499), (49.95, 500), (99.949, 999), (100, 1000)]
)
def test_values_are_rounded_half_up_to_tenths(value, kept):
    assert tenths(column(value)).tolist() == [kept]


def test_an_empty_market_has_empty_columns():
    none, free = column(), np.zeros((0, 5), dtype=bool)
    assert place(free, 5).values.tolist() == []
    assert factors.bayesian_mean(none, none).tolist() == []
