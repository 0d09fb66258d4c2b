"""What a reply says of prices, discounts and ways to reach somebody, against what the expert's own facts say.

A traveler's words are no fact: whoever asks for 90 % off, names a price or a number to write to, changes nothing.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from accounts import contacts as contact_details
from content_assistant.checks import Finding, Text, amounts, quoted
from content_assistant.checks.amounts import NUMBER, readable, value

_FILE = Path(__file__).with_name("offers.toml")
_PERCENT = re.compile(
    rf"(?:{NUMBER}) ?(?:%|‰|(?:percent|per cent|prozent|por ciento|pour cent|per cento|por cento)(?!\w)|パーセント)",
    re.IGNORECASE,
)
_REST = re.compile(r"\[(?:[A-Z]+_\d+|[A-Z][A-Z _]+)\]")
Span = tuple[int, int]


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _listed(name: str) -> list[str]:
    phrases = {phrase for line in _table()[name].values() for phrase in line.split("|")}
    return sorted(phrases, key=len, reverse=True)


def _phrase(phrase: str) -> str:
    bare = re.escape(phrase.rstrip("*")).replace(r"\ ", r"\W{1,3}")
    if phrase[0] > "\u3000":
        return bare
    before = r"(?<!\w)" if phrase[0].isalnum() else ""
    return before + bare + (r"\w*" if phrase.endswith("*") else r"(?!\w)")


@cache
def _discount() -> re.Pattern[str]:
    return re.compile("|".join(map(_phrase, _listed("discounts"))), re.IGNORECASE)


@cache
def _refused() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _listed('refusals')))}) $", re.IGNORECASE)


@cache
def _priced() -> re.Pattern[str]:
    before, after = ("|".join(map(re.escape, _listed(name))) for name in ("priced", "per"))
    return re.compile(
        rf"(?<!\w)(?:{before}):? (?P<first>{NUMBER})(?! ?(?:%|[-–]|h\b|hours|stunden|uhr|minut|days|tage|am\b|pm\b))"
        rf"|(?<![\d.,])(?P<second>{NUMBER}) (?:{after})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _spelled() -> re.Pattern[str]:
    words = _table()["spelled"]
    numbers, counted = words["all"].replace(" ", "|"), f"{words['percent']} {words['money']}".split()
    kinds = "|".join(word for word in counted if len(word) > 3)
    return re.compile(
        rf"(?<!\w)(?:\w+[- ])?(?:{numbers})[- ](?:por |pour |per )?(?:{kinds}|cien|cent)(?!\w)", re.IGNORECASE
    )


def _same(text: str) -> str:
    return "".join(filter(str.isalnum, readable(text).casefold()))


def _own(text: Text) -> list[str]:
    """What the expert says: the profile and the services, never the thread."""
    facts = text.facts
    services = [
        " ".join([one.title, one.about, one.price, one.policy, *one.includes]) for one in facts.services
    ]
    return [facts.profile, *services]


def known_prices(prices: Iterable[str], language: str) -> set[tuple[str, Decimal]]:
    return {(one.currency, one.value) for price in prices for one in amounts.find(price, language)}


def prices(text: Text) -> Iterator[Finding]:
    """Every amount is the price of a service, in its currency; nobody reckons."""
    known = known_prices([one.price for one in text.facts.services], text.language)
    known |= known_prices(_own(text), text.language)
    values = {amount for _currency, amount in known}
    spans = [one[:2] for one in amounts.find(text.text, text.language) if one[2:] not in known]
    spans += [span for span, amount in _bare_prices(text) if amount not in values]
    own = _same(" ".join(_own(text)))
    spans += [span for span in _spelled_money(text.text) if _same(text.text[slice(*span)]) not in own]
    yield from _finding(
        "price",
        _("No service of yours has this price: %(said)s. Put in a price of yours, or leave it out."),
        "Name only prices that stand in the services, exactly as they stand there. Compute none.",
        text.text,
        spans,
    )


def _bare_prices(text: Text) -> Iterator[tuple[Span, Decimal]]:
    for found in _priced().finditer(readable(text.text)):
        yield found.span(), value(found["first"] or found["second"], text.language).normalize()


def _spelled_money(text: str) -> Iterator[Span]:
    yield from (found.span() for found in _spelled().finditer(readable(text)))


def discounts(text: Text) -> Iterator[Finding]:
    own = _same(" ".join(_own(text)))
    spans = [span for span in _promises(text.text) if _same(text.text[slice(*span)]) not in own]
    yield from _finding(
        "discount",
        _(
            "Nothing on your page offers this: %(said)s. Whoever wants to give it says so in the thread themselves."
        ),
        "Offer no discount, no percentage and nothing for free.",
        text.text,
        spans,
    )


def _promises(text: str) -> Iterator[Span]:
    plain = readable(text)
    yield from (found.span() for found in _PERCENT.finditer(plain))
    for found in _discount().finditer(plain):
        if not _refused().search(plain, 0, found.start()):
            yield found.span()


def contacts(text: Text) -> Iterator[Finding]:
    own = _same(" ".join(_own(text)))
    found = [one[:2] for one in contact_details.find(text.text)]
    spans = [span for span in found if _same(text.text[slice(*span)]) not in own]
    yield from _finding(
        "contact",
        _("This leads to somebody outside of Traveloure: %(said)s."),
        "Leave out phone numbers, mail addresses, links, messengers and names in them.",
        text.text,
        spans,
    )


def published(text: Text) -> Iterator[Finding]:
    """What everybody reads leads nowhere else, not even by the expert's own number. Beside the text stand lines and
    lists of words.
    """
    beside = [" ".join(value) if isinstance(value, list) else str(value) for value in text.data.values()]
    spans = tuple(one[:2] for one in contact_details.find(text.text))
    said = [text.text[slice(*span)] for span in spans]
    said += [words[one.start : one.end] for words in beside for one in contact_details.find(words)]
    if said:
        yield Finding(
            "contact",
            _("Everybody reads this: leave out %(said)s.") % {"said": quoted(*dict.fromkeys(said))},
            repair="Leave out phone numbers, mail addresses, links, messengers and names in them.",
            blocks=True,
            spans=spans,
        )


def unfinished(text: Text) -> Iterator[Finding]:
    """What stands for a detail that no model was shown, and fields that nobody has filled in."""
    spans = [found.span() for found in _REST.finditer(text.text)]
    yield from _finding(
        "field",
        _("Put in what belongs here, or leave it out: %(said)s."),
        "Write no text in square brackets.",
        text.text,
        spans,
    )


def _finding(rule: str, message: str, repair: str, text: str, spans: list[Span]) -> Iterator[Finding]:
    if spans:
        said = quoted(*dict.fromkeys(text[start:end] for start, end in sorted(spans)))
        yield Finding(rule, message % {"said": said}, repair=repair, blocks=True, spans=tuple(sorted(spans)))


def doubtful(said: str) -> bool:
    """Whether a stranger's words hold anything of all this, so that they had better not be repeated."""
    money = any(True for language in ("en", "de") for _one in amounts.find(said, language))
    return (
        money
        or any(True for _span in (*_promises(said), *_spelled_money(said)))
        or bool(_priced().search(readable(said)))
        or bool(contact_details.find(said))
    )
