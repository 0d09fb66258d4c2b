"""Advertising: shouting, pressing, promising, repeating."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from operator import eq
from pathlib import Path

from llm import tables
from llm.filtering.reading import Phrases, Reading, phrases
from llm.patterns import lazy

_FILE = Path(__file__).with_name("spam.toml")
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_SHOUTED = lazy(
    rf"{_CAPITAL}(?<!{_CAPITAL}{{2}}){_CAPITAL}++(?:[ ,&'’!.-]{{1,3}}{_CAPITAL}++(?![a-zß-öø-ÿ])){{3,}}+"
)
_LETTERS = lazy(r"[^\W\d_]+")
_FEWEST_SHOUTED = 20  # letters; less may be airports and museums
_EXCLAIMED = lazy(r"[!?¡¿‼⁉](?:[ \ufe0f]?[!?¡¿‼⁉]){2,}")
_MONEY = lazy(r"\$(?: ?\$){3,}|€(?: ?€){3,}|[💰🤑💸🔥]{3,}")
_MONEY_SIGNS = "$€💰🤑💸🔥"
_DISCOUNT = lazy(
    r"(?P<percent>\d{1,3}) ?% (?:off|discount|free|guaranteed|satisfaction|rabatt|gratis|kostenlos|garanti\w*"
    r"|garantizad\w*|di sconto|de (?:reduction|remise|rabais|descuento|desconto))(?!\w)"
)
_LEAST_DISCOUNT = 50  # percent; less may be true
_SAME_WORD = 4  # times in a row
_PHRASE_WORDS, _PHRASE_TIMES, _PHRASE_WITHIN = 3, 4, 48  # three words, four times, within so many words


@cache
def _phrases() -> Phrases:
    return phrases(tables.ours(_FILE)["phrases"])


def find(reading: Reading) -> Iterator[tuple[int, int]]:
    """Offsets into the folded text."""
    yield from reading.phrases(_phrases())
    if "%" in reading.text:
        for match in _DISCOUNT.finditer(reading.text):
            if int(match["percent"]) >= _LEAST_DISCOUNT:
                yield match.span()
    yield from _repeated_words(reading)
    yield from _repeated_phrases(reading)


def shouting(text: str) -> Iterator[tuple[int, int]]:
    """Offsets into the text as it was given."""
    if sum(map(str.isupper, text.split())) >= 3:
        yield from _shouted(text)
    if "!" in text:
        for match in _EXCLAIMED.finditer(text):
            if match[0].count("!") >= 2:
                yield match.span()
    if any(sign in text for sign in _MONEY_SIGNS):
        yield from (match.span() for match in _MONEY.finditer(text))


def _shouted(text: str) -> Iterator[tuple[int, int]]:
    for match in _SHOUTED.finditer(text):
        words = [word for word in _LETTERS.findall(match[0]) if len(word) > 3]
        if len(words) >= 2 and sum(map(str.isalpha, match[0])) >= _FEWEST_SHOUTED:
            yield match.span()


def _repeated_words(reading: Reading) -> Iterator[tuple[int, int]]:
    same = bytes(map(eq, reading.tokens, reading.tokens[1:]))
    if b"\1" * (_SAME_WORD - 1) not in same:
        return
    first = 0
    for index, (token, following) in enumerate(pairwise([*reading.tokens, ""])):
        if token == following:
            continue
        if index + 1 - first >= _SAME_WORD and not token.isdigit():
            yield reading.words[first].start(), reading.words[index].end()
        first = index + 1


def _repeated_phrases(reading: Reading) -> Iterator[tuple[int, int]]:
    tokens = reading.tokens
    counted = Counter(zip(tokens, tokens[1:], tokens[2:], strict=False))
    if max(counted.values(), default=0) < _PHRASE_TIMES:
        return
    often = {
        phrase
        for phrase, times in counted.items()
        if times >= _PHRASE_TIMES and not any(map(str.isdigit, phrase))
    }
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, phrase in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if phrase in often:
            places[phrase].append(index)
    covered = -1
    for found in places.values():
        for first, last in zip(found, found[_PHRASE_TIMES - 1 :], strict=False):
            if last - first <= _PHRASE_WITHIN and first > covered:
                covered = last + _PHRASE_WORDS - 1
                yield reading.words[first].start(), reading.words[covered].end()
