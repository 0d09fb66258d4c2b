import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import factors


def column(*values):
    return np.array(values, dtype=float)


def talk(**changes):
    one = {
        "level": np.array([7]),
        "styles": ["friendly"],
        "wanted_style": "friendly",
        "response_hours": column(0),
        "rating_sum": column(5000),
        "rating_count": column(1000),
    }
    return float(factors.communication(**one | changes).values[0])


def spend(amount, low=80, high=120):
    found = factors.budget(
        amount=amount,
        price_min=column(low),
        price_max=column(high),
        rating_sum=column(5000),
        rating_count=column(1000),
    )
    return float(found.fit[0])


def trust(**changes):
    one = dict.fromkeys(
        [
            *["rating_sum", "rating_count", "recent_sum", "recent_count"],
            *["completed", "repeat_clients", "verified", "years_active"],
        ],
        column(0),
    )
    return factors.trust(**one | {name: column(value) for name, value in changes.items()})


def test_a_native_speaker_who_answers_at_once_and_is_praised_scores_full_marks():
    assert talk() == pytest.approx(100, abs=0.2)


def test_every_level_of_the_shared_language_counts_more_than_the_one_below():
    scores = [talk(level=np.array([level])) for level in range(7)]
    assert scores == sorted(set(scores))


def test_no_language_asked_for_is_no_language_missing():
    assert talk(level=None) == talk(level=np.array([7]))


def test_an_answer_a_day_later_halves_the_response():
    parts = factors.communication(
        level=None,
        styles=["friendly", "friendly"],
        wanted_style="",
        response_hours=column(0, 24),
        rating_sum=column(0, 0),
        rating_count=column(0, 0),
    )
    assert parts.response.tolist() == [1.0, 0.5]


def test_another_style_than_asked_for_costs_points():
    assert talk(wanted_style="formal") < talk(wanted_style="detailed") < talk(wanted_style="friendly")


def test_the_budget_fit_is_full_at_the_upper_price_and_four_fifths_at_the_lower():
    assert (spend(120), spend(80)) == pytest.approx((1.0, 0.8))


def test_a_lowest_price_a_quarter_above_the_budget_halves_the_fit():
    assert spend(64) == pytest.approx(0.4)


def test_no_budget_means_every_price_fits():
    assert spend(None) == 1.0


@given(st.floats(1, 10_000), st.floats(1, 10_000), st.floats(0, 10_000))
def test_the_budget_fit_stays_a_share_and_falls_with_the_price(amount, low, spread):
    fit, dearer = spend(amount, low, low + spread), spend(amount, low * 2, low * 2 + spread)
    assert 0 <= fit <= 1
    assert low < amount or dearer <= fit


def test_the_budget_fit_has_no_jump_where_the_range_begins():
    assert spend(79.999) == pytest.approx(spend(80.001), abs=0.001)


def test_the_best_days_in_a_row_count():
    blocked = np.array([[1, 0, 0, 0, 1, 1], [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1]], dtype=bool)
    assert factors.free_share(blocked, 3).tolist() == pytest.approx([1.0, 2 / 3, 0.0])


def test_a_trip_longer_than_the_month_uses_all_of_it():
    assert factors.free_share(np.zeros((1, 28), dtype=bool), 40).tolist() == [1.0]


def test_a_group_twice_the_size_fills_half_the_capacity():
    found = factors.availability(
        blocked=np.zeros((1, 2), dtype=bool), days=2, people=8, group_size_max=column(4), hours_apart=0
    )
    assert found.capacity.tolist() == [0.5]


def test_clocks_twelve_hours_apart_cost_five_points():
    def value(hours):
        return factors.availability(
            blocked=np.zeros((1, 2), dtype=bool),
            days=2,
            people=1,
            group_size_max=column(4),
            hours_apart=hours,
        ).values[0]

    assert value(0) - value(12) == pytest.approx(5)


def test_a_newcomer_starts_at_the_prior_rating():
    assert trust().rating[0] == pytest.approx((factors.PRIOR_RATING - 3) / 2)


def test_one_perfect_review_makes_nobody_a_star():
    one, many = trust(rating_sum=5, rating_count=1), trust(rating_sum=480, rating_count=100)
    assert one.rating[0] < many.rating[0]


def test_recent_reviews_below_the_earlier_ones_show_as_a_falling_trend():
    steady = trust(rating_sum=90, rating_count=20, recent_sum=45, recent_count=10)
    falling = trust(rating_sum=90, rating_count=20, recent_sum=38, recent_count=10)
    assert falling.trend[0] < 0.5 < steady.trend[0]


@pytest.mark.parametrize("better", [{"verified": 1}, {"years_active": 3}, {"repeat_clients": 2}])
def test_each_sign_of_trust_adds(better):
    assert trust(**better).values[0] > trust().values[0]


@given(
    st.integers(0, 500).flatmap(lambda count: st.tuples(st.just(count), st.integers(count, count * 5))),
    st.integers(0, 40),
)
def test_trust_stays_between_0_and_100(ratings, years):
    count, total = ratings
    value = trust(rating_sum=total, rating_count=count, years_active=years, verified=1).values[0]
    assert 0 <= value <= 100
