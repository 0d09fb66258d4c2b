"""Amounts of money that follow from a price: each is one that can be paid."""

from decimal import Decimal

from django.conf import settings

from experts.models import Service
from markets.currency import rounded


def amount_for(service: Service, people: int) -> Decimal:
    each = service.price_unit == Service.PriceUnit.PERSON
    return rounded(service.price * (people if each else 1), service.currency)


def commission_on(price: Decimal, currency: str) -> Decimal:
    return rounded(price * settings.BOOKING_COMMISSION_PERCENT / 100, currency)


def share(part: Decimal, of: Decimal, whole: Decimal, currency: str) -> Decimal:
    """The part of `whole` that `part` is of `of`."""
    return rounded(whole * part / of, currency)
