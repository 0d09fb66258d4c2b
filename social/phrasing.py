"""What a message of ours may say: short, in the reader's language, about a post of theirs, with the true offer and
nothing that sells. Code checks it, whoever wrote it.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from llm import door
from markets import folding
from social import x_length
from social.models import Post

BRAND = "Traveloure"
FALLBACK = "en"
# What counts as a quotation: so many letters at least, in scripts with and without blanks.
SHORTEST_QUOTE, SHORTEST_DENSE_QUOTE = 10, 4
LONGEST_QUOTE = 70
MOST_EXCLAMATIONS = 2
_AMOUNT = re.compile(r"[$€£¥₩₹]|\b\d[\d.,]*\s?(?:usd|eur|gbp|jpy|k)\b", re.IGNORECASE)
_TAGS = re.compile(r"(?:https?://\S+|[#@]\w+)")
_SENTENCE = re.compile(r"[.!?。！？\n]+")
_KANA = re.compile(r"[\u3040-\u30ff]")


@dataclass(frozen=True)
class Tongue:
    code: str
    name: str
    offer: str
    offered: re.Pattern[str]
    money: re.Pattern[str]
    banned: re.Pattern[str]
    stop_words: frozenset[str]
    around_stop: frozenset[str]
    stop_phrases: re.Pattern[str]
    templates: tuple[str, ...]


@cache
def tongues() -> dict[str, Tongue]:
    text = Path(__file__).with_name("data").joinpath("outreach.toml").read_text("utf-8")
    patterns = ("offered", "money", "banned", "stop_phrases")
    return {
        code: Tongue(
            code=code,
            name=given["name"],
            offer=given["offer"],
            stop_words=frozenset(folding.fold(given["stop_words"]).split()),
            around_stop=frozenset(folding.fold(given["around_stop"]).split()),
            templates=tuple(given["templates"]),
            **{name: re.compile(_folded(given[name])) for name in patterns},
        )
        for code, given in tomllib.loads(text).items()
    }


def _folded(pattern: str) -> str:
    """Voiced kana lose their marks, like everything that is searched."""
    apart = unicodedata.normalize("NFKD", pattern)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def language_of(posts: Iterable[Post]) -> str:
    """In which most of these are written, of those we can write in."""
    counts = Counter(post.language.partition("-")[0] for post in posts)
    language = max(counts, key=lambda code: (counts[code], code), default=FALLBACK)
    return language if language in tongues() else FALLBACK


def problems_of_any(text: str) -> list[str]:
    """Why nothing like this is sent, whoever wrote it. Every language's rules hold."""
    folded = folding.fold(text)
    found = {
        "empty": not text.strip(),
        "too_long": x_length.length(text) > x_length.LONGEST,
        "money": bool(_AMOUNT.search(text)) or any(one.money.search(folded) for one in tongues().values()),
        "sales_talk": any(one.banned.search(folded) for one in tongues().values())
        or text.count("!") + text.count("！") > MOST_EXCLAMATIONS,
        "no_text": "\0" in text,
    }
    return [name for name, is_so in found.items() if is_so]


def problems(text: str, language: str, post: Post | None, quote: str) -> list[str]:
    """The same, and what a draft must have beside."""
    found = problems_of_any(text)
    if post is None or not is_grounded(text, post, quote):
        found.append("no_post")
    if any(link != (post.url if post else "") for link in x_length.links(text)):
        found.append("link")
    if BRAND not in text or not tongues()[language].offered.search(folding.fold(text)):
        found.append("no_offer")
    if door.orders(text):
        found.append("order")
    if not _is_in(text.replace(quote, " ") if quote else text, language):
        found.append("language")
    return found


def said(problem: str) -> str:
    """For a person who wrote it, and for a model that is asked again."""
    return {
        "empty": _("There is no text."),
        "no_text": _("It contains a character that is not allowed."),
        "too_long": _("It is longer than %(most)s characters as X counts them.") % {"most": x_length.LONGEST},
        "money": _("It speaks of money. We promise none."),
        "sales_talk": _("It sounds like advertising."),
        "no_post": _("It quotes nothing from a post of theirs."),
        "link": _("It has a link other than to the post."),
        "no_offer": _("It does not name Traveloure and the offer to become a certified local expert."),
        "order": _("It gives orders to a model."),
        "language": _("It is written in another language than was asked for."),
        "filtered": _("The output filter has something against it."),
        "twice": _("It says the same as another one."),
    }[problem]


def is_grounded(text: str, post: Post, quote: str) -> bool:
    """The post is linked to, or words of it stand in the text."""
    if post.url in text:
        return True
    folded = folding.fold(quote)
    shortest = SHORTEST_QUOTE if folded.isascii() else SHORTEST_DENSE_QUOTE
    return len(folded) >= shortest and folded in folding.fold(post.text) and folded in folding.fold(text)


def quote_of(text: str, room: int = LONGEST_QUOTE) -> str:
    """The first words of a post that are worth quoting, at most so long; "" where there are none."""
    for sentence in _SENTENCE.split(_TAGS.sub(" ", text)):
        words = " ".join(sentence.split()).strip(" -–—:;,\"“”„«»「」'")
        found = _cut(words, min(room, LONGEST_QUOTE))
        folded = folding.fold(found)
        if len(folded) >= (SHORTEST_QUOTE if folded.isascii() else SHORTEST_DENSE_QUOTE):
            return found
    return ""


def _cut(words: str, room: int) -> str:
    """At the end of a word, where the script has words."""
    if x_length.length(words) <= room:
        return words
    parts, joint = (words.split(" "), " ") if " " in words else (list(words), "")
    while parts and x_length.length(joint.join(parts)) > room:
        parts.pop()
    return joint.join(parts).rstrip(" ,;:-–—、")


def _is_in(text: str, language: str) -> bool:
    plain = _TAGS.sub(" ", text).replace(BRAND, " ")
    has_kana = bool(_KANA.search(plain))
    if language == "ja" or has_kana:
        return has_kana == (language == "ja")
    return _guess(plain) == language


def _guess(text: str) -> str:
    """Of the languages we write in: a guess among all is often wrong about three sentences."""
    return str(_identifier().classify(text)[0])


@cache
def _identifier():  # type: ignore[no-untyped-def]  # the library has no types
    from py3langid import langid  # noqa: PLC0415  # half a second, and needed where messages are checked alone

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    identifier.set_languages(sorted(set(tongues()) - {"ja"}))
    return identifier
