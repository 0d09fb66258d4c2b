"""What can be paid in a currency, and amounts of different ones beside each other, at approximate rates.

The rates are for comparing a budget with a price only. What somebody pays is never computed from them.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision
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


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To what can be paid in this currency: whole yen, cents, and nothing finer than the ledger holds."""
    digits = min(get_currency_precision(currency), 2)
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


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
