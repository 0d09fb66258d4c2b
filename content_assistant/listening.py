"""What a traveler asks in their messages, and in which language they write."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("listening.toml")
_SENTENCE = re.compile(r"[^.!?？؟。\n]*[.!?？؟。]*(?:\s+|(?<=[？。])|$)|\n")
_MARKS = ("?", "？", "؟")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JAPANESE, _KOREAN, _CHINESE = re.compile(r"[ぁ-ヶ]"), re.compile(r"[가-힣]"), re.compile(r"[一-鿿]")
# So many small words make a language likely.
ENOUGH = 3
MOST_QUESTIONS = 12
SHORTEST_TELLING = 4  # letters


@cache
def _table(name: str) -> Mapping[str, Sequence[str]]:
    lines: Mapping[str, str] = tomllib.loads(_FILE.read_text(encoding="utf-8"))[name]
    return {key: tuple(line.split("|") if name == "asking" else line.split()) for key, line in lines.items()}


@cache
def _asking() -> re.Pattern[str]:
    phrases = sorted({phrase for line in _table("asking").values() for phrase in line}, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)


def questions(text: str) -> list[str]:
    """As they were written, each once."""
    sentences = (" ".join(found[0].split()) for found in _SENTENCE.finditer(text))
    asked = [one.lstrip("-–*•·1234567890.) ") or one for one in sentences if _asks(one)]
    return list(dict.fromkeys(asked))[:MOST_QUESTIONS]


def _asks(sentence: str) -> bool:
    if sentence.rstrip("\"'”») ").endswith(_MARKS):
        return any(map(str.isalpha, sentence))
    return bool(_asking().match(sentence.lstrip("-–*•·1234567890.) "))) and len(sentence.split()) > 2


def language_of(text: str, otherwise: str) -> str:
    """By small words, where there are enough; door.language_of knows more, but loads half a second for a page."""
    for pattern, language in ((_JAPANESE, "ja"), (_KOREAN, "ko"), (_CHINESE, "zh")):
        if len(pattern.findall(text)) > ENOUGH:
            return language
    said = words(text)
    hits = {language: sum(word in small for word in said) for language, small in _table("small").items()}
    best = max(hits, key=lambda language: hits[language])
    others = [count for language, count in hits.items() if language != best]
    return best if hits[best] >= ENOUGH and hits[best] > max(others) else otherwise


def topic(question: str) -> str:
    """What it is about, by its words; empty where that is none of what we know."""
    said = words(question)
    return next((name for name, listed in _table("about").items() if mentions(said, listed)), "")


def telling(text: str) -> list[str]:
    """Words that a question is about something by."""
    empty = {word for listed in _table("empty").values() for word in listed}
    return [word for word in words(text) if len(word) >= SHORTEST_TELLING and word not in empty]


def about(name: str) -> Sequence[str]:
    """The words of a topic, a star at the end for any ending."""
    return _table("about").get(name, ())


def words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def mentions(said: Sequence[str], patterns: Sequence[str]) -> bool:
    starts = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
    return any(word in patterns or (starts and word.startswith(starts)) for word in said)
