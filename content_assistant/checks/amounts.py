"""Numbers and amounts of money, as they are written in a language."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_decimal_symbol

NUMBER = r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?"
_GAP = r"[ \u00a0\u202f-]?"
_WORDS = {
    "dollars": "USD", "dollar": "USD", "bucks": "USD", "dólares": "USD", "ドル": "USD", "美元": "USD",
    "euros": "EUR", "euro": "EUR", "ユーロ": "EUR", "欧元": "EUR",
    "pounds": "GBP", "pfund": "GBP", "libras": "GBP", "livres": "GBP",
    "yen": "JPY", "円": "JPY", "日元": "JPY", "francs": "CHF", "franken": "CHF",
    # Codes that are no word anywhere. Others count in capitals alone: top 10, try 3, aus dem 18. Jahrhundert.
    "eur": "EUR", "usd": "USD", "gbp": "GBP", "jpy": "JPY", "chf": "CHF",
}  # fmt: skip


class Amount(NamedTuple):
    start: int
    end: int
    currency: str
    value: Decimal


def readable(text: str) -> str:
    """Digits and signs as plain as they come; as long as the text, so that places in it stay."""
    return "".join(_plain(sign) for sign in text)


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    folded = unicodedata.normalize("NFKC", sign)
    return (
        folded if len(folded) == 1 and unicodedata.category(sign) != "Cf" else sign if len(sign) == 1 else " "
    )


def value(written: str, language: str) -> Decimal:
    """What a number means there: 1.200 is a thousand and more in German, and not two in English."""
    bare = re.sub(r"[ \u00a0\u202f'’]", "", written)
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return Decimal(bare)
    sign, both = bare[last], "." in bare and "," in bare
    grouped = bare.count(sign) > 1 or (
        not both and len(bare) - last == 4 and sign != decimal_sign(language) and not bare.startswith("0")
    )
    if grouped:
        return Decimal(re.sub(r"[.,]", "", bare))
    return Decimal(re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :])


@lru_cache(maxsize=64)
def decimal_sign(language: str) -> str:
    return str(get_decimal_symbol(_locale(language)))


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


@lru_cache(maxsize=64)
def _currencies(language: str) -> Mapping[str, str]:
    """What they are called and written as, there and in English."""
    codes = [code for code in get_global("all_currencies") if code not in ("XXX", "XTS")]
    found = {code.casefold(): code for code in codes}
    for locale in (Locale.parse("en"), _locale(language)):
        for code in codes:
            sign = unicodedata.normalize("NFKC", locale.currency_symbols.get(code, "")).casefold()
            if (sign and not sign.isascii()) or sign in ("$", "us$", "r$", "a$", "ca$", "mx$", "nz$", "hk$"):
                found.setdefault(sign, code)
    return {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"} | found | _WORDS


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    known = _currencies(language)
    names = "|".join(_spelling(name, known[name]) for name in sorted(known, key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![^\W\d_])(?P<before>{names}){_GAP}(?P<first>{NUMBER})"
        rf"|(?<![\d.,])(?P<second>{NUMBER}){_GAP}(?P<after>{names}))",
        re.IGNORECASE,
    )


def _spelling(name: str, code: str) -> str:
    said = re.escape(name)
    if name == code.casefold() and name not in _WORDS:
        said = f"(?-i:{code})"
    return rf"{said}(?![^\W\d_])" if name[-1].isalpha() and name[-1] < "\u3000" else said


def find(text: str, language: str) -> Iterator[Amount]:
    """Numbers beside a currency."""
    for found in _pattern(language).finditer(readable(text)):
        name = (found["before"] or found["after"]).casefold()
        written = found["first"] or found["second"]
        yield Amount(*found.span(), _currencies(language)[name], value(written, language).normalize())
