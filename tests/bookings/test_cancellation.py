"""What comes back, to the second and the cent, and that the page says what the code does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import cancellation
from experts.models import CancellationPolicy
from markets.currency import rounded

START = datetime(2027, 4, 3, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def back(policy, before, *, price=Decimal(90), currency="USD", by_expert=False):
    return cancellation.refund(
        cancellation.snapshot(policy),
        start=START,
        price=price,
        currency=currency,
        at=START - before,
        by_expert=by_expert,
    )


@pytest.mark.parametrize(
    ("policy", "before", "refund"),
    [
        ("flexible", DAY, 90),
        ("flexible", DAY - SECOND, 0),
        ("moderate", 7 * DAY, 90),
        ("moderate", 7 * DAY - SECOND, 45),
        ("moderate", 2 * DAY, 45),
        ("moderate", 2 * DAY - SECOND, 0),
        ("strict", 90 * DAY, 45),
        ("strict", 14 * DAY, 45),
        ("strict", 14 * DAY - SECOND, 0),
    ],
)
def test_each_policy_at_each_of_its_edges(policy, before, refund):
    assert back(policy, before) == refund


@pytest.mark.parametrize("policy", CancellationPolicy.values)
@pytest.mark.parametrize("before", [99 * DAY, SECOND, -SECOND])
def test_an_expert_who_cancels_gives_everything_back(policy, before):
    assert back(policy, before, by_expert=True) == 90


@pytest.mark.parametrize(
    ("price", "currency", "half"),
    [("90.01", "USD", "45.01"), ("9001", "JPY", "4501"), ("90.03", "EUR", "45.02"), ("0.01", "USD", "0.01")],
)
def test_half_is_rounded_to_what_can_be_paid(price, currency, half):
    assert back("moderate", 3 * DAY, price=Decimal(price), currency=currency) == Decimal(half)


PRICES = st.decimals("0.01", "99999", places=2)
WHEN = st.timedeltas(-2 * DAY, 40 * DAY)


@given(st.sampled_from(CancellationPolicy.values), PRICES, st.sampled_from(["USD", "JPY"]), WHEN, WHEN)
def test_later_never_gives_more_and_nothing_exceeds_the_price(policy, price, currency, one, other):
    price = rounded(price, currency) or Decimal(1)
    early, late = max(one, other), min(one, other)
    first, second = (back(policy, before, price=price, currency=currency) for before in (early, late))
    assert 0 <= second <= first <= price


@given(st.sampled_from(CancellationPolicy.values), PRICES, WHEN)
def test_the_schedule_that_pages_show_is_what_the_refund_will_be(policy, price, before):
    at = START - before
    terms = cancellation.snapshot(policy)
    shown = cancellation.schedule(terms, start=START, price=price, currency="USD")
    in_force = next(one for one in shown if one.until is None or at <= one.until)
    assert back(policy, before, price=price) == in_force.amount


def test_a_booking_without_terms_gives_nothing_back_and_does_not_fail():
    when = {"start": START, "at": START - DAY}
    assert cancellation.refund({}, price=Decimal(90), currency="USD", by_expert=False, **when) == 0
