"""Ways to reach someone, smuggled into a text: addresses, numbers, handles, links, and requests to talk elsewhere."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from llm import tables
from llm.filtering.reading import Phrases, Reading, phrases
from llm.patterns import lazy
from llm.privacy import detect
from llm.privacy.kinds import Kind

_FILE = Path(__file__).with_name("contacts.toml")
# The address of a sight is no contact; everything else that privacy would replace is.
_KINDS = frozenset(Kind) - {Kind.ADDRESS, Kind.PERSON}
_PLACEHOLDER = lazy(rf"\[(?:{'|'.join(_KINDS)})_\d+\]")

_SCHEME = lazy(r"h(?:tt|xx)ps?\s?:\s?/\s?/\s?\S+")
_WWW = lazy(r"www\s?\.\s?[\w-]+(?:\.[\w-]+)*\S*")
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
_END = lazy(rf"\.(?:(?P<sure>{_SURE})|(?P<unsure>{_UNSURE}))(?![\w-]|\.\w)(?:/\S*)?")
_HOST = lazy(r"(?<![\w@])[\w-]+(?:\.[\w-]+)*$")
_DOT = r"(?: ?[\[({<] ?(?:dot|punkt|punto|point|ponto|\.) ?[\])}>] ?| (?:dot|punkt|punto|point|ponto) )"
_SPELLED_END = lazy(rf"{_DOT}(?:{_SURE}|{_UNSURE})(?![\w-])(?!{_DOT})")
_SPELLED_HOST = lazy(rf"(?<![\w-])[\w-]{{2,30}}(?:{_DOT}[\w-]{{2,30}}){{0,3}}$")
_DOT_WORDS = frozenset(["dot", "punkt", "punto", "point", "ponto"])
_SPELLED = lazy(rf" (?P<dot>{'|'.join(sorted(_DOT_WORDS))}) (?P<end>\w+)$")
_STOPS = lazy(r"\s*(?:$|[\n.!?)])")
_SHORTEST_SPELLED = 6
_LONGEST_WORD = 8
_NEXT = lazy(r" ([^\W_]+)")
_BRACKETED_DOT = lazy(r"[\[({<] ?\.")
_HANDLE = lazy(r"(?<![\w@.])@(?=[\w.]*[a-z])(?!\d{1,2}(?:am|pm|h|uhr)?\b)[\w.]{2,29}")
_LETTERED = r"(?=[\w.-]*[a-z])[\w.-]{3,30}"


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tables.ours(_FILE)[kind].replace("|", " ").split())


@cache
def _listed(table: str) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(line.split()) for name, line in tables.ours(_FILE)[table].items()}


@cache
def _orders() -> Phrases:
    return phrases(tables.ours(_FILE)["orders"])


@cache
def _named_handle() -> re.Pattern[str]:
    """insta: name; my telegram is name_1."""
    long, short = ("|".join(sorted(_words(kind), key=len, reverse=True)) for kind in ("messengers", "short"))
    what = r"(?: (?:id|name|handle|user|username|account|konto|profil|profile))?"
    return re.compile(
        rf"(?<!\w)(?:(?:{long}|{short}){what} ?[:=] ?@?{_LETTERED}(?=\s*(?:$|[\n,;.!?)|]))"
        rf"|(?:{long}){what} (?:is |ist |est |es |e |-+>? ?)?@?(?=[\w.]*(?:_|\w\d|\w\.\w))[\w.]{{3,30}})"
    )


def details(reading: Reading) -> Iterator[tuple[str, int, int]]:
    """What privacy would replace, with its kind. Offsets into the text as it was given."""
    for found in detect.find(reading.plain.text, _KINDS):
        yield found.kind.value, *reading.plain.span(found.start, found.end)


def elsewhere(reading: Reading) -> Iterator[tuple[int, int]]:
    """Handles, requests to write or call, numbers in words. Offsets into the folded text."""
    text = reading.text
    yield from (match.span() for match in _PLACEHOLDER.finditer(text))
    if "@" in text:
        yield from (match.span() for match in _HANDLE.finditer(text))
    yield from _requests(reading)
    yield from _spelled_numbers(reading)


def links(reading: Reading) -> Iterator[tuple[int, int]]:
    """Offsets into the folded text."""
    text = reading.text
    if "http" in text or "hxxp" in text:
        yield from (match.span() for match in _SCHEME.finditer(text))
    if "www" in text:
        yield from (match.span() for match in _WWW.finditer(text))
    for end in _END.finditer(text) if "." in text else ():
        host = _HOST.search(text, max(0, end.start() - 64), end.start())
        if host and _is_host(reading, host[0], host.start(), end):
            yield host.start(), end.end()
    if not _DOT_WORDS.isdisjoint(reading.vocabulary) or _BRACKETED_DOT.search(text):
        for spelled in _SPELLED_END.finditer(text):
            host = _SPELLED_HOST.search(text, max(0, spelled.start() - 64), spelled.start())
            if host and not _reads_on(text, host[0], spelled):
                yield host.start(), spelled.end()


def _reads_on(text: str, host: str, spelled: re.Match[str]) -> bool:
    """“They will point at my door”, “el punto de encuentro”: such an end counts only where the clause stops."""
    said = _SPELLED.search(spelled[0])
    if not said or said["end"] not in _listed("behind_dots")[said["dot"]]:
        return False
    if len(host) < _SHORTEST_SPELLED or said["end"] == "is":
        return True
    return not _STOPS.match(text, spelled.end())


def _is_host(reading: Reading, host: str, start: int, end: re.Match[str]) -> bool:
    if not any(map(str.isalpha, host)) or (start and reading.text[start - 1] == "@"):
        return False
    if "/" in end[0]:
        return True
    written = reading.original(start, end.end())
    follows = _NEXT.match(reading.text, end.end())
    if end["sure"]:
        return not (follows and _begins_sentence(written))
    if follows and _is_two_sentences(host, end["unsure"], follows[1]):
        return False
    return len(host) >= 4 and written.islower()


def _is_two_sentences(host: str, end: str, follows: str) -> bool:
    """“A nice place.it was late” lacks a space: behind a short word it goes on like a sentence."""
    is_word = len(host) <= _LONGEST_WORD and host.isalpha()
    return is_word and follows in _listed("sentences").get(end, ())


def _begins_sentence(written: str) -> bool:
    """“We stop at noon.Tours start at ten”."""
    host, _dot, end = written.rpartition(".")
    return end.istitle() and host[-1:].islower() and end.lower() in _listed("behind_dots")["dot"]


def _requests(reading: Reading) -> Iterator[tuple[int, int]]:
    yield from reading.phrases(_orders())
    yield from _named_handles(reading)
    yield from _asked_to_messengers(reading)


def _named_handles(reading: Reading) -> Iterator[tuple[int, int]]:
    reached = 0
    for index in reading.where(_words("messengers") | _words("short")):
        start = reading.words[index].start()
        if start >= reached and (named := _named_handle().match(reading.text, start)):
            reached = named.end()
            yield named.span()


def _asked_to_messengers(reading: Reading) -> Iterator[tuple[int, int]]:
    tokens = reading.tokens
    for index in reading.where(_words("messengers")):
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
    tokens, known = reading.tokens, _words("digits")
    if known.isdisjoint(reading.vocabulary):
        return
    spelled = [index for index, token in enumerate(tokens) if token in known]
    if not any(third - first < _TOGETHER for first, third in zip(spelled, spelled[2:], strict=False)):
        return
    run: list[int] = []
    for index, token in enumerate([*tokens, ""]):
        if token in known or (token.isdigit() and len(token) <= 4) or token in _MULTIPLES:
            if run and (index > run[-1] + 1 or not _near(reading, index)):
                run = []
            run.append(index)
        elif run and run[-1] == index - 1 and _is_number(tokens[run[0] : index]):
            yield reading.words[run[0]].start(), reading.words[run[-1]].end()


def _near(reading: Reading, index: int) -> bool:
    return reading.words[index].start() - reading.words[index - 1].end() <= 3


def _is_number(tokens: list[str]) -> bool:
    """Not the counting of one, two, three."""
    spelled = [token for token in tokens if not token.isdigit()]
    length = sum(len(token) if token.isdigit() else 1 for token in tokens)
    return length >= 7 and len(spelled) >= 3 and not _counts(tokens)


def _counts(tokens: list[str]) -> bool:
    order = [_VALUES.get(token, int(token) if token.isdigit() else -1) for token in tokens]
    steps = {later - earlier for earlier, later in pairwise(order)}
    return steps in ({1}, {-1})


_TOGETHER = 8  # words among which three digits must be spelled
_MULTIPLES = frozenset(["double", "doppel", "triple"])
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
