"""What can be taken over from texts that an expert wrote: whole sentences, where they live, what they were, names."""

import re
from collections.abc import Iterable, Sequence

from content_assistant.checks import counting

SHORTEST, LONGEST = 9, 32  # words of a sentence that is worth taking over
# Sentences that can stand behind a clause and a comma, because they begin with one of these.
_LOWER = {
    "en": frozenset("we my our you your there most many nobody nothing friends people".split()),
    "de": frozenset[str](),
}
_KEPT = frozenset(["I", "I’m", "I'm", "I’ve", "I've", "I’d", "I'd", "I’ll", "I'll"])
_NAME = r"[A-ZÀ-ÖØ-ÞĀ-Žİ][\w’'-]+(?: (?:(?:de|da|do|del|la|el|al|van|von) )?[A-ZÀ-ÖØ-ÞĀ-Žİ][\w’'-]+){0,3}"
_HOME = {
    "en": re.compile(
        rf"\b(?i:I live in|home is|I sleep in|you will find me in|ask for me in|I am at home in) (?P<name>{_NAME})"
    ),
    "de": re.compile(
        rf"\b(?i:ich (?:wohne|lebe) (?:in|im)|zu Hause bin ich in|mein Zuhause ist) (?P<name>{_NAME})"
    ),
}
_JOB = {
    "en": re.compile(
        r"\b(?:[Ww]orked as|[Tt]rained as|I used to be|I was|[Yy]ears as|[Hh]aving been|from being|[Bb]efore that) "
        r"(?P<job>an? [a-z][a-z '’-]{2,50}?)(?=[,.;:]| (?:before|until|and|for|in|I|when|to) |$)"
    ),
    "de": re.compile(
        r"\b(?:[Ff]rüher war ich|[Ii]ch war früher|[Ii]ch war) (?P<job>[A-ZÄÖÜ][a-zäöüß-]{3,40})\b"
    ),
}
_TIE = {
    "en": re.compile(
        r"\b(?:I was born|I grew up|[Hh]ome is|I live|I moved|I came to|I married|[Mm]y family|find me in|"
        r"[Aa]sk for me|is my village|I sleep in|I arrived|[Bb]rought me|that is why I stay|[Mm]y mother)\b"
    ),
    "de": re.compile(
        r"\b(?:geboren|aufgewachsen|zu Hause|wohne|lebe ich|ich lebe|zog ich|gezogen|[Mm]eine Familie|mein Dorf|"
        r"Heimat|geblieben)\b"
    ),
}
# The numbers of trips are facts of their own, and patterns say them.
_COUNTED = re.compile(r"\b(?:trips|Reisen)\b")
_PLACE = re.compile(rf"\b(?:in|at|to|from|near|around|through|of|with) (?:the )?(?P<name>{_NAME})")
_NO_PLACES = frozenset(
    "I January February March April May June July August September October November December Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays Christmas Easter "
    "Ramadan English French German Spanish Japanese Europe God".split()
)
# Speaks of money or of stars: both are shown beside the text, from where they are true.
_CHANGING = re.compile(r"[$€£¥₹%★@]|\bwww\b|https?:")


def sentences(texts: Iterable[str]) -> list[str]:
    """Those that stand on their own, without the full stop, in the order of the texts."""
    found = [sentence for text in texts for sentence in counting.sentences(text)]
    return list(dict.fromkeys(s[:-1].rstrip() for s in found if _is_usable(s)))


def _is_usable(sentence: str) -> bool:
    fits = SHORTEST <= counting.words(sentence) <= LONGEST
    is_plain = "[" not in sentence and not _CHANGING.search(sentence) and not _COUNTED.search(sentence)
    return fits and is_plain and sentence.endswith(".")


def changes(sentence: str) -> bool:
    """Speaks of what is shown beside the text and may change."""
    return bool(_CHANGING.search(sentence))


def is_tie(sentence: str, language: str) -> bool:
    """Says what binds somebody to the place."""
    return bool(_TIE[language].search(sentence))


def is_concrete(sentence: str, language: str) -> bool:
    """Names something. German writes every noun with a capital, so there a number or length has to tell."""
    if re.search(r"\d", sentence):
        return True
    if language == "de":
        return counting.words(sentence) >= 9
    rest = sentence.split(" ", 1)[-1]
    return any(name not in _NO_PLACES for name in re.findall(_NAME, rest))


def lowered(sentence: str, language: str) -> str:
    """To stand behind a comma; "" where the first word may be a name or an order."""
    first = sentence.split(" ", 1)[0]
    if first in _KEPT and language == "en":
        return sentence
    return sentence[0].lower() + sentence[1:] if first.lower() in _LOWER[language] else ""


def home(texts: Iterable[str], language: str) -> str:
    return _first(_HOME[language], texts, "name").rstrip("'’-")


def job(texts: Iterable[str], language: str) -> str:
    return _first(_JOB[language], texts, "job")


def _first(pattern: re.Pattern[str], texts: Iterable[str], group: str) -> str:
    return next((match[group] for text in texts if (match := pattern.search(text))), "")


def places(texts: Iterable[str], without: Sequence[str] = ()) -> list[str]:
    """Names of places in English texts: they are the same in every language."""
    found = [re.sub(r"['’]s?$", "", m["name"]) for text in texts for m in _PLACE.finditer(text)]
    return [name for name in dict.fromkeys(found) if not _is_known(name, without)]


def _is_known(name: str, without: Sequence[str]) -> bool:
    words = name.split()
    return (
        bool(_NO_PLACES.intersection(words))
        or len(name) < 4
        or any(name in w or w in name for w in without if w)
    )
