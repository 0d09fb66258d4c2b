"""Checks of the wording: length, worn phrases and sales talk, language, repetition, keywords, gaps.

Which phrases is data: words.toml. Each maker gives a check for `Tool.checks`.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from content_assistant.checks import Check, Finding, Text, counting, quoted
from llm import door
from markets.formats import language as name_of

LANGUAGES = ("en", "de", "es", "fr", "ja")
TELLING = 40  # letters from which on a language can be told
UNSPACED = frozenset(["ja", "zh"])
# How often the same words may come back.
SAME_BEGINNINGS = 3
PHRASE, MOST_PHRASES = 5, 2
MOST_OF_ONE_KEYWORD, MOST_KEYWORDS_IN_SENTENCE = 2, 3
MOST_KEYWORD_SHARE = 0.12
# Whose writers write no first person say so by other means.
FIRST_PERSON = {
    "en": r"\b(?:I|me|my|mine)\b|\bI['’]",
    "de": r"\b(?i:ich|mich|mir|mein\w*)\b",
    "es": r"\b(?i:yo|me|mi|mis|conmigo|soy|vivo|llevo)\b",
    "fr": r"\b(?i:je|moi|mon|ma|mes)\b|\b[jJmM]['’]",
    "ja": r"私|わたし|僕|ぼく",
}
_GAP = re.compile(r"\[[^\[\]\n]{3,200}\]")


def length(low: int, high: int) -> Check:
    def check(text: Text) -> Iterator[Finding]:
        count = counting.words(text.text)
        if not low <= count <= high:
            values = {"count": count, "low": low, "high": high}
            yield Finding(
                "length",
                _("%(count)s words; %(low)s to %(high)s are wanted.") % values,
                repair=f"The text has {count} words. Write {low} to {high}.",
            )

    return check


def banned(text: Text) -> Iterator[Finding]:
    """Phrases that everybody uses, and sales talk."""
    for kind, message, repair in (
        (
            "worn",
            _("Everybody writes this: %(phrases)s."),
            "Replace these worn phrases by something concrete",
        ),
        ("sales", _("This sounds like advertising: %(phrases)s."), "Leave out this sales talk"),
    ):
        spans = sorted(_spans(text, kind))
        if spans:
            said = quoted(*dict.fromkeys(text.text[start:end] for start, end in spans))
            yield Finding(kind, message % {"phrases": said}, repair=f"{repair}: {said}.", spans=tuple(spans))


def opening(text: Text) -> Iterator[Finding]:
    """A hook, no introduction."""
    for pattern in _patterns(_short(text.language), "openings"):
        if match := pattern.match(text.text.lstrip()):
            yield Finding(
                "opening",
                _("It begins as most do (“%(words)s”). Begin with a scene or an observation.")
                % {"words": match[0]},
                repair=f"Do not begin with “{match[0]}”: begin with a concrete scene or observation.",
                spans=((0, match.end()),),
            )
            return


def language(text: Text) -> Iterator[Finding]:
    """Said of offline writers too, who know two languages."""
    wanted = _short(text.language)
    plain = _GAP.sub("", text.text)
    if len(plain) < TELLING or (found := door.language_of(plain)) == wanted:
        return
    names = {"found": name_of(found), "wanted": name_of(wanted)}
    message = _("This is in %(found)s, not in %(wanted)s.") % names
    if wanted not in ("en", "de"):
        message = f"{message} {_('Without a language model we can write English and German only.')}"
    yield Finding("language", message, repair=f"Write in the language with the code {wanted}.")


def first_person(text: Text) -> Iterator[Finding]:
    pattern = FIRST_PERSON.get(_short(text.language))
    if pattern and not re.search(pattern, text.text):
        yield Finding(
            "person", _("It isn’t written in the first person."), repair="Write in the first person."
        )


def paragraphs(fewest: int) -> Check:
    def check(text: Text) -> Iterator[Finding]:
        count = len([part for part in re.split(r"\n\s*\n", text.text) if part.strip()])
        if count < fewest:
            yield Finding(
                "structure",
                _("%(count)s paragraphs; at least %(fewest)s are easier to read.")
                % {"count": count, "fewest": fewest},
                repair=f"Write at least {fewest} paragraphs with a blank line between them.",
            )

    return check


def repetition(text: Text) -> Iterator[Finding]:
    """A sentence twice, three in a row that begin alike, or the same five words again and again."""
    sentences = counting.sentences(text.text)
    twice = [s for s, count in Counter(s.lower() for s in sentences).items() if count > 1]
    if twice:
        yield _repeated(_("A sentence stands there twice."), "Say each sentence once", twice)
    if alike := _alike(sentences):
        yield _repeated(_("Several sentences in a row begin alike."), "Vary how sentences begin", [alike])
    if not twice and (phrases := _again(text.text)):
        yield _repeated(
            _("The same words come again and again: “%(words)s”.") % {"words": phrases[0]},
            "Do not repeat these words",
            phrases,
        )


def _repeated(message: str, repair: str, words: Iterable[str]) -> Finding:
    return Finding("repetition", message, repair=f"{repair}: {'; '.join(words)}.")


def _alike(sentences: list[str]) -> str:
    first = [sentence.split(" ", 2)[:2] for sentence in sentences]
    for place in range(len(first) - SAME_BEGINNINGS + 1):
        row = first[place : place + SAME_BEGINNINGS]
        if len(row[0]) > 1 and all(words == row[0] for words in row):
            return " ".join(row[0])
    return ""


def _again(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower())
    runs = Counter(" ".join(words[at : at + PHRASE]) for at in range(len(words) - PHRASE + 1))
    return [run for run, count in runs.most_common(3) if count > MOST_PHRASES]


def stuffing(text: Text) -> Iterator[Finding]:
    """Whether `data["keywords"]` are in the text as a person would use them."""
    found = {key: places(key, text.text) for key in text.data.get("keywords", ()) if str(key).strip()}
    total = counting.words(text.text) or 1
    share = sum(counting.words(key) * len(spans) for key, spans in found.items()) / total
    often = [key for key, spans in found.items() if len(spans) > MOST_OF_ONE_KEYWORD]
    marked = tuple(sorted(span for spans in found.values() for span in spans))
    crowded = [s for s in counting.sentences(text.text) if _crowded(s, found)]
    if often or crowded or share > MOST_KEYWORD_SHARE:
        yield Finding(
            "stuffing",
            _("It reads as if written for a search engine: too many keywords in too little text."),
            repair="Use each keyword once, three at most in a sentence, and fewer of them.",
            spans=marked,
        )


def _crowded(sentence: str, keywords: Mapping[str, object]) -> bool:
    return sum(bool(places(key, sentence)) for key in keywords) > MOST_KEYWORDS_IN_SENTENCE


def places(phrase: str, text: str) -> list[tuple[int, int]]:
    """Also with a small word between, as grammar wants it: “food tour in Hanoi”."""
    words = r"\W+(?:\w{1,4}\W+)?".join(re.escape(word) for word in str(phrase).split())
    return [match.span() for match in re.finditer(rf"(?i)(?<!\w){words}(?!\w)", text)]


def gaps(text: Text) -> Iterator[Finding]:
    """Places that wait for the expert's own words, or for a detail that was kept from the model."""
    if spans := tuple(match.span() for match in _GAP.finditer(text.text)):
        yield Finding("gaps", _("Fill in what stands in brackets, or delete it."), blocks=True, spans=spans)


def _spans(text: Text, kind: str) -> set[tuple[int, int]]:
    found = {
        m.span() for pattern in _patterns(_short(text.language), kind) for m in pattern.finditer(text.text)
    }
    return {a for a in found if not any(a != b and b[0] <= a[0] and a[1] <= b[1] for b in found)}


def _short(code: str) -> str:
    return code.partition("-")[0]


@cache
def _patterns(code: str, kind: str) -> tuple[re.Pattern[str], ...]:
    entries = _data().get(code, {}).get(kind, "")
    phrases = (" ".join(entry.split()) for entry in entries.replace("\n", " ").split(", "))
    return tuple(_pattern(phrase.strip(" ,"), code) for phrase in phrases if phrase.strip(" ,"))


@cache
def _data() -> Mapping[str, Mapping[str, str]]:
    path = Path(__file__).with_suffix(".toml")
    loaded: defaultdict[str, Mapping[str, str]] = defaultdict(dict)
    loaded.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return loaded


def _pattern(phrase: str, code: str) -> re.Pattern[str]:
    """Apostrophes and hyphens as people type them."""
    text = re.escape(phrase).replace(r"\*", r"\w*").replace(r"\.\.\.", r"(?:\w+\s+){0,3}\w+")
    text = text.replace("'", "['’]").replace(r"\-", r"[-‑– ]?").replace(r"\ ", r"\s+")
    if code in UNSPACED:
        return re.compile(text)
    start = r"(?<!\w)" if phrase[0].isalnum() else ""
    return re.compile(rf"(?i){start}{text}(?!\w)")
