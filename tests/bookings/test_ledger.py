from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings import amounts, ledger
from bookings.booking import move
from bookings.models import Entry, Posting
from bookings.slots import constraint_of
from markets.currency import rounded
from tests.factories import make_booking, make_expert

pytestmark = pytest.mark.django_db
MONEY = st.decimals("0.01", "99999999", places=2)


def confirmed(**fields):
    booking = make_booking(make_expert(), state="held", **fields)
    return move(booking, "confirmed", by=booking.traveler)


def refused(act):
    with pytest.raises(IntegrityError) as refusal:
        to_the_end(act)
    return constraint_of(refusal.value)


@transaction.atomic
def to_the_end(act):
    act()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_settled_outside_the_expert_owes_the_commission_and_nobody_else_anything():
    booking = confirmed(price=Decimal(200), commission=Decimal(50))
    assert ledger.balances(booking) == {"commission": -50, "expert": 50, "traveler": 0}
    assert list(booking.postings.order_by("pk").values_list("kind", flat=True)) == ["agreed", "settled"]


def test_a_refund_takes_back_the_commission_in_proportion():
    booking = confirmed(price=Decimal(200), commission=Decimal(50))
    cancelled = move(booking, "cancelled", by=booking.expert.user, reason="Ill.")
    assert (cancelled.refund, cancelled.cancelled_by_expert) == (200, True)
    assert ledger.balances(booking) == {"commission": 0, "expert": 0, "traveler": 0}


@pytest.mark.parametrize(
    "entries",
    [
        [("traveler", 100, "USD")],
        [("traveler", 100, "USD"), ("expert", -99, "USD")],
        [("traveler", 100, "USD"), ("expert", -100, "EUR")],
    ],
)
def test_the_database_takes_no_posting_that_does_not_balance(entries):
    booking = make_booking(make_expert())

    def post():
        posting = Posting.objects.create(booking=booking, kind="agreed")
        for account, amount, currency in entries:
            Entry.objects.create(posting=posting, account=account, amount=amount, currency=currency)

    assert refused(post) == "entry_balanced"


@pytest.mark.parametrize(
    "act",
    [
        lambda: Entry.objects.update(amount=1),
        lambda: Posting.objects.filter(kind="settled").update(kind="refund"),
        lambda: connection.cursor().execute("DELETE FROM bookings_entry"),
    ],
)
def test_what_is_posted_stays(act):
    confirmed()
    assert refused(act) == "posted_for_good"


def test_nothing_is_posted_twice():
    booking = confirmed()
    assert refused(lambda: ledger.agree(booking)) == "posting_once"


def test_the_commission_is_a_quarter_of_the_price_in_what_can_be_paid():
    assert amounts.commission_on(Decimal("90.01"), "USD") == Decimal("22.50")
    assert amounts.commission_on(Decimal(9001), "JPY") == 2250


@given(MONEY, st.integers(0, 100), st.sampled_from(["USD", "JPY"]))
def test_parts_of_a_refund_never_exceed_their_wholes(price, percent, currency):
    commission = amounts.commission_on(price, currency)
    refund = min(rounded(price * percent / 100, currency), price)
    part = amounts.share(refund, price, commission, currency)
    assert 0 <= part <= commission
    assert amounts.share(price, price, commission, currency) == commission
