"""Ways to reach someone, smuggled into a text: addresses, numbers, handles, links, and requests to talk elsewhere."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from llm.filtering.reading import Reading
from llm.filtering.verdicts import Reason
from llm.privacy import detect
from llm.privacy.kinds import Kind

_FILE = Path(__file__).with_name("contacts.toml")
# The address of a sight is no contact; everything else that privacy would replace is.
_KINDS = frozenset(Kind) - {Kind.ADDRESS, Kind.PERSON}
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(_KINDS)})_\d+\]")

_SCHEME = re.compile(r"h(?:tt|xx)ps?\s?:\s?/\s?/\s?\S+")
_WWW = re.compile(r"www\s?\.\s?[\w-]+(?:\.[\w-]+)*\S*")
# Ends of names on the web. The first are rarely anything else; the second are words too, so that a missing space after
# a full stop looks like them: those count only in lower case, after a longer word, and with no letter behind.
_SURE = "|".join(
    "com net org info eu edu gov io travel app shop online xyz biz tv cc club site website tours guide link page blog "
    "dev ly gl".split()
)
_UNSURE = "|".join(
    "de fr es it pt at ch uk nl be us ie pl cz dk se fi gr tr jp cn br mx ar cl co au nz ca ru in me to gg ai vn th id "
    "kr hk sg".split()
)
_END = re.compile(rf"\.(?:(?P<sure>{_SURE})|(?P<unsure>{_UNSURE}))(?![\w-]|\.\w)(?:/\S*)?")
_HOST = re.compile(r"(?<![\w@])[\w-]+(?:\.[\w-]+)*$")
_SPELLED_DOT = re.compile(
    rf"[\w-]{{2,}} ?(?:[\[({{<] ?(?:dot|punkt|punto|point|ponto|\.) ?[\])}}>]| (?:dot|punkt|punto|point|ponto) ) ?"
    rf"(?:{_SURE}|{_UNSURE})(?![\w-])"
)
_DOT_WORDS = (
    " dot ",
    "dot)",
    "dot]",
    "(.)",
    "[.]",
    "{.}",
    " punkt ",
    " punto ",
    " point ",
    " ponto ",
    "punkt)",
    "punto)",
    "ponto)",
    "point)",
)
_HANDLE = re.compile(r"(?<![\w@.])@(?=[\w.]*[a-z])(?!\d{1,2}(?:am|pm|h|uhr)?\b)[\w.]{2,29}")
_LETTERED = r"(?=[\w.-]*[a-z])[\w.-]{3,30}"


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tomllib.loads(_FILE.read_text())[kind].replace("|", " ").split())


@cache
def _orders() -> tuple[str, ...]:
    orders = tomllib.loads(_FILE.read_text())["orders"].replace("\n", ",").split(",")
    return tuple(order.strip() for order in orders if order.strip())


@cache
def _named_handle() -> re.Pattern[str]:
    """insta: name; my telegram is name_1."""
    long, short = ("|".join(sorted(_words(kind), key=len, reverse=True)) for kind in ("messengers", "short"))
    what = r"(?: (?:id|name|handle|user|username|account|konto|profil|profile))?"
    return re.compile(
        rf"(?<!\w)(?:(?:{long}|{short}){what} ?[:=] ?@?{_LETTERED}(?=\s*(?:$|[\n,;.!?)|]))"
        rf"|(?:{long}){what} (?:is |ist |est |es |e |-+>? ?)?@?(?=[\w.]*(?:_|\w\d|\w\.\w))[\w.]{{3,30}})"
    )


def find(reading: Reading) -> Iterator[tuple[Reason, int, int]]:
    """Offsets into the folded text."""
    text = reading.text
    for start, end in _links(reading):
        yield Reason.LINK, start, end
    yield from ((Reason.CONTACT, *match.span()) for match in _PLACEHOLDER.finditer(text))
    if "@" in text:
        yield from ((Reason.CONTACT, *match.span()) for match in _HANDLE.finditer(text))
    for start, end in (*_requests(reading), *_spelled_numbers(reading)):
        yield Reason.CONTACT, start, end


def details(reading: Reading) -> Iterator[tuple[Reason, int, int]]:
    """Offsets into the text as it was given."""
    for found in detect.find(reading.plain.text, _KINDS):
        yield Reason.CONTACT, *reading.plain.span(found.start, found.end)


def _links(reading: Reading) -> Iterator[tuple[int, int]]:
    text = reading.text
    if "http" in text or "hxxp" in text:
        yield from (match.span() for match in _SCHEME.finditer(text))
    if "www" in text:
        yield from (match.span() for match in _WWW.finditer(text))
    for end in _END.finditer(text) if "." in text else ():
        host = _HOST.search(text, max(0, end.start() - 64), end.start())
        if host and _is_host(reading, host[0], host.start(), end):
            yield host.start(), end.end()
    if any(word in text for word in _DOT_WORDS):
        yield from (match.span() for match in _SPELLED_DOT.finditer(text))


def _is_host(reading: Reading, host: str, start: int, end: re.Match[str]) -> bool:
    if not any(map(str.isalpha, host)) or (start and reading.text[start - 1] == "@"):
        return False
    if end["sure"] or "/" in end[0]:
        return True
    written = reading.original(start, end.end())
    return len(host) >= 4 and written.islower()


def _requests(reading: Reading) -> Iterator[tuple[int, int]]:
    for order in _orders():
        if f" {order} " in reading.joined:
            yield from reading.phrase(order)
    if ":" in reading.text or not _words("messengers").isdisjoint(reading.tokens):
        yield from (match.span() for match in _named_handle().finditer(reading.text))
    if not _words("messengers").isdisjoint(reading.tokens):
        yield from _asked_to_messengers(reading)


def _asked_to_messengers(reading: Reading) -> Iterator[tuple[int, int]]:
    tokens = reading.tokens
    for index, token in enumerate(tokens):
        if token not in _words("messengers"):
            continue
        for first in range(index - 1, max(-1, index - 8), -1):
            if _asks(tokens[first:index]):
                yield reading.words[first].start(), reading.words[index].end()
                break


def _asks(tokens: list[str]) -> bool:
    verb, *between = tokens
    if verb in _words("asking_us"):
        return True
    return verb in _words("asking") and not _words("whom").isdisjoint(between)


def _spelled_numbers(reading: Reading) -> Iterator[tuple[int, int]]:
    """Seven digits or more, at least three of them in words: zero eight one, 5 five."""
    known = _words("digits")
    if sum(token in known for token in reading.tokens) < 3:
        return
    run: list[int] = []
    for index in range(len(reading.tokens) + 1):
        if index < len(reading.tokens) and _goes_on(reading, run, index):
            run.append(index)
            continue
        if _is_number([reading.tokens[place] for place in run]):
            yield reading.words[run[0]].start(), reading.words[run[-1]].end()
        run = [index] if index < len(reading.tokens) and _is_digits(reading.tokens[index]) else []


def _is_digits(token: str) -> bool:
    return (
        token in _words("digits")
        or (token.isdigit() and len(token) <= 4)
        or token in {"double", "doppel", "triple"}
    )


def _goes_on(reading: Reading, run: list[int], index: int) -> bool:
    if not run or not _is_digits(reading.tokens[index]):
        return False
    return reading.words[index].start() - reading.words[run[-1]].end() <= 3


def _is_number(tokens: list[str]) -> bool:
    """Not the counting of one, two, three."""
    spelled = [token for token in tokens if not token.isdigit()]
    length = sum(len(token) if token.isdigit() else 1 for token in tokens)
    return length >= 7 and len(spelled) >= 3 and not _counts(tokens)


def _counts(tokens: list[str]) -> bool:
    order = [_VALUES.get(token, int(token) if token.isdigit() else -1) for token in tokens]
    steps = {later - earlier for earlier, later in pairwise(order)}
    return steps in ({1}, {-1})


_VALUES = {
    word: value
    for line in (
        "zero one two three four five six seven eight nine ten",
        "null eins zwei drei vier funf sechs sieben acht neun zehn",
        "zero un deux trois quatre cinq six sept huit neuf dix",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
        "zero uno due tre quattro cinque sei sette otto nove dieci",
        "zero um dois tres quatro cinco seis sete oito nove dez",
    )
    for value, word in enumerate(line.split())
}
