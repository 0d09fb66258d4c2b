"""Amounts of money: rounding is written here alone."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision
from django.conf import settings

from experts.models import Service


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To what can be paid in this currency: whole yen, cents, and nothing finer than the ledger holds."""
    digits = min(get_currency_precision(currency), 2)
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def amount_for(service: Service, people: int) -> Decimal:
    each = service.price_unit == Service.PriceUnit.PERSON
    return rounded(service.price * (people if each else 1), service.currency)


def commission_on(price: Decimal, currency: str) -> Decimal:
    return rounded(price * settings.BOOKING_COMMISSION_PERCENT / 100, currency)


def share(part: Decimal, of: Decimal, whole: Decimal, currency: str) -> Decimal:
    """The part of `whole` that `part` is of `of`."""
    return rounded(whole * part / of, currency)
