"""Where a text names one of the people known to be in it, however it spells them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from llm import folding, pseudonyms
from llm.folding import Folded
from llm.patterns import lazy


class Part(StrEnum):
    FULL = "full"
    GIVEN = "given"
    FAMILY = "family"


class Person(NamedTuple):
    """`key` is the same for all spellings. `given` and `family` are as written; a name of one word is its own given."""

    key: str
    name: str
    given: str
    family: str


class Mention(NamedTuple):
    """Offsets into the folded text. `reversed`: the family name stands first."""

    start: int
    end: int
    part: Part
    person: Person
    reversed: bool = False


class _Pattern(NamedTuple):
    words: tuple[str, ...]  # "?" is any one letter
    part: Part
    person: Person
    reversed: bool = False


_WORD = lazy(r"[^\W_]+")
_GAP = lazy(r"[ \t.,'’_·・\-]{0,3}\n?")
# Scripts that write words without spaces between, or within them characters that are no letters.
_UNSPACED = lazy("[\u0900-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_FAMILY_FIRST = lazy("[\u3040-\u309f\u3400-\u9fff\uac00-\ud7af]+")
_HONORIFIC = lazy("[ 　]?(?:さん|様|さま|氏|先生|君|くん|ちゃん|殿|님|씨|선생님|小姐|女士|老师|老師)")
_IS = ("is", "ist", "es", "est", "e")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_ELIDED = str.maketrans("", "", "'’-")


def known(names: Iterable[str]) -> tuple[Person, ...]:
    """One person for each name, spellings of the same name being one."""
    people = {person.key: person for name in names if (person := _person(name))}
    return tuple(people.values())


@lru_cache(maxsize=4096)
def _person(name: str) -> Person | None:
    words = [
        word for word in name.split() if key(word) and key(word) not in pseudonyms.lowered("titles")
    ] or name.split()
    if not any(key(word) for word in words):
        return None
    given, family = words[0], words[-1] if len(words) > 1 else ""
    if _FAMILY_FIRST.fullmatch("".join(words)):
        family, given = (words[0], "".join(words[1:])) if len(words) > 1 else _divided(words[0])
    return Person(key(" ".join(words)), " ".join(words), given, family)


def _divided(name: str) -> tuple[str, str]:
    """Family and given name of a Chinese, Japanese or Korean name written in one."""
    length = len(name) // 2 if 2 <= len(name) <= 4 else 0
    return name[:length], name[length:]


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    return " ".join(_WORD.findall(folding.skeleton(name).text))


class Recognizer:
    """Finds mentions of these people. Their given or family names alone count where they cannot be mere words."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_word: dict[str, list[_Pattern]] = defaultdict(list)
        self._unspaced: list[_Pattern] = []
        for person in people:
            if _UNSPACED.search(person.name):
                self._unspaced += _unspaced_patterns(person)
                continue
            for pattern in _patterns(person):
                for ending in ("", "s") if len(pattern.words) == 1 else ("",):
                    self._by_word[pattern.words[0] + ending].append(pattern)
        for patterns in self._by_word.values():
            patterns.sort(key=lambda pattern: -len(pattern.words))
        self._unspaced.sort(key=lambda pattern: -len(pattern.words[0]))

    def mentions(self, text: str, folded: Folded, words: list[re.Match[str]]) -> Iterator[Mention]:
        """`words` are those of the folded text (see `words`). Mentions may overlap; the earlier found is the better."""
        for pattern in self._unspaced:
            yield from _unspaced_mentions(pattern, folded.text)
        if not self._by_word:
            return
        for index, word in enumerate(words):
            for pattern in self._by_word.get(word[0], ()):
                if mention := _mention(pattern, text, folded, words, index):
                    yield mention
                    break


def words(folded: Folded) -> list[re.Match[str]]:
    return list(_WORD.finditer(folded.text))


@lru_cache(maxsize=4096)
def _patterns(person: Person) -> tuple[_Pattern, ...]:
    found: dict[tuple[str, ...], _Pattern] = {}
    for spelled in (person.name, person.name.lower().translate(_SPELLED_OUT), person.name.translate(_ELIDED)):
        words = tuple(key(word) for word in spelled.split() if key(word))
        for names, part, is_reversed in _spellings(words):
            split = tuple(" ".join(names).split())
            found.setdefault(split, _Pattern(split, part, person, is_reversed))
        for middle in words[1:-1]:
            if middle not in pseudonyms.lowered("particles") and len(middle) > 1:
                second = Person(f"{person.key}:{middle}", middle.title(), middle.title(), middle.title())
                found.setdefault((middle,), _Pattern((middle,), Part.FAMILY, second))
    return tuple(found.values())


def _spellings(words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Part, bool]]:
    given, family = words[0], words[-1]
    yield (given,), Part.GIVEN, False
    if len(words) == 1:
        return
    yield (family,), Part.FAMILY, False
    middle = words[1:-1]
    yield words, Part.FULL, False
    yield (given, family), Part.FULL, False
    yield (given, "?", family), Part.FULL, False
    yield (given[0], family), Part.FULL, False
    yield (given, *(word[0] for word in middle), family), Part.FULL, False
    yield (family, *words[:-1]), Part.FULL, True
    yield (family, given), Part.FULL, True
    yield (given + family,), Part.FULL, False
    yield (family + given,), Part.FULL, True
    if middle:
        yield (*words[1:], given), Part.FULL, True
    if middle and middle[-1] in pseudonyms.lowered("particles"):
        first = next(
            index for index, word in enumerate(words) if index and word in pseudonyms.lowered("particles")
        )
        yield words[first:], Part.FAMILY, False
    elif middle:
        yield words[:-1], Part.FULL, False


def _mention(
    pattern: _Pattern, text: str, folded: Folded, words: list[re.Match[str]], index: int
) -> Mention | None:
    last = index + len(pattern.words) - 1
    if last >= len(words) or not _spelled(pattern.words, words[index : last + 1]):
        return None
    for before, after in zip(words[index:last], words[index + 1 : last + 1], strict=True):
        if not _GAP.fullmatch(folded.text, before.end(), after.start()):
            return None
    start = words[index].start()
    end = words[last].start() + (len(pattern.words[-1]) if pattern.words[-1] != "?" else 1)
    written = text[slice(*folded.span(start, end))]
    if pattern.part is not Part.FULL and not _is_name(pattern, written, folded.text, words, index):
        return None
    return Mention(start, end, pattern.part, pattern.person, pattern.reversed)


def _spelled(pattern: tuple[str, ...], words: list[re.Match[str]]) -> bool:
    *before, last = (word[0] for word in words)
    for expected, found in zip(pattern, before, strict=False):
        if found != expected and not (expected == "?" and len(found) == 1):
            return False
    return last in (pattern[-1], pattern[-1] + "s")


def _is_name(pattern: _Pattern, written: str, text: str, words: list[re.Match[str]], index: int) -> bool:
    """Whether a part of a name that stands alone means the person."""
    name = pattern.words[-1]
    previous = words[index - 1][0] if index else ""
    if previous in pseudonyms.lowered("saints"):
        return False
    if previous in pseudonyms.lowered("titles") and written[:1].isupper():
        return True
    if len(name) <= 2 or name in pseudonyms.lowered("ordinary"):
        return written[:1].isupper() and (_introduces(words, index) or _signs(text, words[index]))
    if pattern.part is Part.FAMILY or len(name) == 3 or name in pseudonyms.lowered("lower"):
        return written[:1].isupper()
    return True


def _introduces(words: list[re.Match[str]], index: int) -> bool:
    """Hi Will; my name is Will."""
    before = [word[0] for word in words[max(0, index - 2) : index]]
    asked = before if before and before[-1] in _IS else before[-1:]
    return not pseudonyms.lowered("greetings").isdisjoint(asked)


def _signs(text: str, word: re.Match[str]) -> bool:
    """Alone on its line, as under a letter."""
    line_start = text.rfind("\n", 0, word.start()) + 1
    line_end = text.find("\n", word.end())
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    return line_start > 0 and line.strip(" -.,!\t") == word[0]


@lru_cache(maxsize=4096)
def _unspaced_patterns(person: Person) -> tuple[_Pattern, ...]:
    """Sequences to look for as they are. A divided name is looked for joined, spaced and dotted."""
    names = [folding.skeleton(word).text for word in person.name.split()]
    joined = {sign.join(names) for sign in ("", " ", "・")} | {
        sign.join(names[::-1]) for sign in ("", " ", "・")
    }
    patterns = [_Pattern((spelling,), Part.FULL, person) for spelling in sorted(joined)]
    if person.family:
        given, family = (folding.skeleton(word).text for word in (person.given, person.family))
        patterns += [_Pattern((given,), Part.GIVEN, person), _Pattern((family,), Part.FAMILY, person)]
    return tuple(patterns)


def _unspaced_mentions(pattern: _Pattern, text: str) -> Iterator[Mention]:
    name = pattern.words[0]
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if (
            pattern.part is Part.FULL
            or _HONORIFIC.match(text, end)
            or _stands_alone(pattern, text, start, end)
        ):
            yield Mention(start, end, pattern.part, pattern.person)
        start = text.find(name, end)


def _stands_alone(pattern: _Pattern, text: str, start: int, end: int) -> bool:
    """A given name of two letters or more with no letter of its own script beside it."""
    if pattern.part is Part.FAMILY or end - start < 2:
        return False
    before = text[start - 1 : start]
    after = text[end : end + 1]
    return _script(before) != _script(text[start]) and (
        _script(after) != _script(text[end - 1]) or _script(after) == "HANGUL"
    )


def _script(character: str) -> str:
    for name, low, high in (
        ("HAN", "\u3400", "\u9fff"),
        ("KATAKANA", "\u30a0", "\u30ff"),
        ("HANGUL", "\uac00", "\ud7af"),
    ):
        if low <= character <= high:
            return name
    return "LETTER" if character.isalpha() and not "\u3040" <= character <= "\u309f" else ""
