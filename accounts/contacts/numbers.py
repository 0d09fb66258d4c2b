"""Phone numbers said in words, digit by digit, or parted by signs that no number has."""

import re
from collections.abc import Iterator
from itertools import pairwise

from accounts.contacts.kinds import Contact, Found, pairs
from llm.patterns import lazy
from llm.privacy import detect
from llm.privacy.kinds import Kind

_TOKEN = lazy(r"\d+|[零〇一二三四五六七八九]+|[ァ-ヶー]+|[^\W\d_]+", re.IGNORECASE)
_GAP = lazy(r"[ \t+().,/*·•、・_~|:-]{0,3}")
_FEWEST = 7
_MANY = 9
_REPEATED = {"double": 2, "doppel": 2, "triple": 3, "doble": 2}
# Between tens and units alone: "treinta y cuatro". Elsewhere they join what is counted.
_JOINING = frozenset("y et".split())
_COMPOUND = lazy(
    r"(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(?:zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)"
)
_ONE_BY_ONE = lazy(r"(?<![\d.,])\d(?:[ .*/_,·|~-]{1,3}\d){7,15}(?![\d.,]*\d)")
_ODDLY_PARTED = lazy(r"(?<![\w])\+?\d{1,5}(?: ?[*_~|•·] ?\d{1,5}){2,8}(?!\w)")
# Letters that stand for digits: "O79 46l 23 45".
_MIXED = lazy(r"(?<![^\W\d_])[oO0-9lI]*[0-9][oO0-9lI]*(?![^\W\d_])|(?<![^\W\d_])[oO](?= ?\d)")
_AS_DIGITS = str.maketrans("oOlI", "0011")


def find(text: str) -> Iterator[Found]:
    yield from _in_words(text)
    for match in _ONE_BY_ONE.finditer(text):
        if not _counts(re.findall(r"\d", match[0])):
            yield Found(*match.span(), Contact.PHONE)
    for match in _ODDLY_PARTED.finditer(text):
        if sum(map(str.isdigit, match[0])) > _FEWEST:
            yield Found(*match.span(), Contact.PHONE)
    mended = _MIXED.sub(lambda match: match[0].translate(_AS_DIGITS), text)
    if mended != text:
        for one in detect.find(mended, (Kind.PHONE,)):
            if one.kind == Kind.PHONE:
                yield Found(one.start, one.end, Contact.PHONE)


class _Run:
    """Numerals in a row."""

    def __init__(self) -> None:
        self.start = self.end = 0
        self.values: list[str] = []
        self.words = 0

    def take(self, match: re.Match[str], digits: str, words: int) -> None:
        if not self.values:
            self.start = match.start()
        self.values.append(digits)
        self.words += words
        self.end = match.end()

    def is_phone(self) -> bool:
        digits = len("".join(self.values))
        enough = (self.words >= 3 and digits >= _FEWEST) or (self.words == 2 and digits >= _MANY)
        return enough and not _counts(self.values)


def _in_words(text: str) -> Iterator[Found]:
    run, times = _Run(), 1
    for match in _TOKEN.finditer(text):
        word = match[0].lower()
        if run.values and not _GAP.fullmatch(text, run.end, match.start()):
            yield from _ended(run)
            run = _Run()
        digits = _digits(word, glued=bool(run.values))
        if digits:
            run.take(match, digits * times, 0 if word.isdecimal() else len(word) if _is_kanji(word) else 1)
            times = 1
        elif word in _REPEATED:
            times, run.end = _REPEATED[word], match.end()
        elif word in _JOINING and run.values and run.values[-1][1:] == "0":
            run.end = match.end()
        else:
            yield from _ended(run)
            run, times = _Run(), 1
    yield from _ended(run)


def _ended(run: _Run) -> Iterator[Found]:
    if run.is_phone():
        yield Found(run.start, run.end, Contact.PHONE)


def _digits(word: str, *, glued: bool) -> str:
    if word.isdecimal():
        return word
    if word == "o" and glued:
        return "0"
    if word in pairs("numerals"):
        return pairs("numerals")[word]
    if _is_kanji(word):
        return "".join(pairs("numerals")[sign] for sign in word)
    return "00" if _COMPOUND.fullmatch(word) else ""


def _is_kanji(word: str) -> bool:
    return all(sign in "零〇一二三四五六七八九" for sign in word)


def _counts(values: list[str]) -> bool:
    """One, two, three: whoever counts tells no number. Nor does who says the same again and again."""
    numbers = [int(value) for value in values]
    steps = {after - before for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
