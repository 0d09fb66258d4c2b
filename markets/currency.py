"""Amounts of different currencies beside each other, at approximate rates.

For comparing a budget with a price only. What somebody pays is never computed from these rates.
"""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.compiled import CompiledQuery
from accounts.errors import DomainError
from markets.models import ExchangeRate

RATES = CompiledQuery(lambda: ExchangeRate.objects.values_list("currency", "per_usd"))


class UnknownCurrency(DomainError):
    """No exchange rate is stored for it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(_("There is no exchange rate for the currency %(code)s.") % {"code": code})


def rates() -> dict[str, Decimal]:
    """Units of every currency per US dollar, in one query."""
    return dict(RATES.rows())


def convert(amount: Decimal, source: str, target: str, rates: Mapping[str, Decimal]) -> Decimal:
    """The amount in the target currency, not rounded; UnknownCurrency without a rate of either."""
    if source == target:
        return amount
    return amount * _rate(target, rates) / _rate(source, rates)


def _rate(code: str, rates: Mapping[str, Decimal]) -> Decimal:
    try:
        return rates[code]
    except KeyError:
        raise UnknownCurrency(code) from None
