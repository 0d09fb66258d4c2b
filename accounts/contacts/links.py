"""Addresses on the web, written out, bare or spelled, and not the full stop that lacks its space."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from accounts.contacts.kinds import Contact, Found, words
from llm.patterns import lazy

_SCHEME = lazy(r"(?:https?|hxxps?|ftp) ?: ?//[!-~]{1,500}|(?<![a-z0-9])www ?\. ?[!-~]{2,500}", re.IGNORECASE)
_BARE = lazy(
    r"(?<![a-z0-9@._/-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}([a-z]{2,8})(?![a-z0-9_-])(/[!-~]{0,500})?",
    re.IGNORECASE,
)
_SPELLED = lazy(
    r"(?<![\w@.-])[a-z0-9-]{2,40}(?: ?[(\[{] ?(?:dot|punkt|punto|point|\.) ?[)\]}] ?[a-z]{2,6}"
    r"| dot (?:com|net|org|co|io|jp|me|de|fr|es|it|uk)| punkt (?:com|net|org|de|at|ch|eu)"
    r"| punto (?:com|net|org|es|mx|ar)| point (?:com|net|org|fr|be|ch|eu)"
    r"| ?ドット ?(?:コム|com|jp|ジェイピー))(?!\w)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"*"
# Before a name whose end is also a word, these say that it is an address after all.
_ANNOUNCED = lazy(
    r"(?:web|site|website|page|blog|visit|online|link|url|homepage|webseite|seite|sitio|página|サイト|ホームページ)\W{0,3}"
    r"(?:is|at|on|ist|auf|unter|es|en|est|sur|は)?\W{0,3}$",
    re.IGNORECASE,
)
_GOES_ON = lazy(r" [^\W\d_]")


def find(text: str) -> Iterator[Found]:
    for match in _SCHEME.finditer(text):
        if not _is_ours(match[0]):
            yield _trimmed(match)
    for match in _BARE.finditer(text) if "." in text else ():
        if _is_address(text, match) and not _is_ours(match[0]):
            yield _trimmed(match)
    for match in _SPELLED.finditer(text):
        yield Found(*match.span(), Contact.LINK)


def _trimmed(match: re.Match[str]) -> Found:
    return Found(match.start(), match.start() + len(match[0].rstrip(_TRAILING)), Contact.LINK)


def _is_address(text: str, match: re.Match[str]) -> bool:
    end = match[1]
    if not (end.islower() or end.isupper()):
        return False  # "a garden.It is near"
    if end.lower() in words("ends") or len(match[2] or "") > 2:
        return True
    if end.lower() not in words("word_ends"):
        return False
    name = match[0][: match.start(1) - match.start() - 1]
    if match[2] or "-" in name or (any(map(str.isdigit, name)) and not name.replace(".", "").isdigit()):
        return True
    announced = _ANNOUNCED.search(text, max(0, match.start() - 40), match.start())
    return bool(announced) or (len(name) > 3 and not _GOES_ON.match(text, match.end(1)))


def _is_ours(address: str) -> bool:
    bare = address.lower().partition("//")[2] or address.lower()
    host = re.split(r"[/:?#]", bare, maxsplit=1)[0].rstrip(_TRAILING).removeprefix("www.")
    return host == _our_host(settings.SITE_URL)


@lru_cache(maxsize=4)
def _our_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
