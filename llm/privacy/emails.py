"""E-mail addresses, also where they are spelled out: name (at) example dot com."""

import re
from collections.abc import Iterator

from llm.privacy.kinds import Find, Kind

_LOCAL = re.compile(r"(?:\"[^\"\n]{1,64}\"|[\w.+%&'*/=?^`{|}~#$!-]+)$")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,30}")
_PUNCTUATION = ".'*/=?^`{|}~#$!&-"
# "dinner @ eight.It" is none: apart from its sign, an address must end like most do.
_ENDS = "com|net|org|info|eu|de|fr|es|it|pt|nl|at|ch|be|uk|ie|pl|jp|cn|in|br|mx|ar|us|ca|au|edu|gov|io|me|co"
_USUAL_END = rf"(?:{_ENDS})\b"
_SPACED = re.compile(
    rf"[\w.+-]+ {{1,2}}@ {{0,2}}(?:[\w-]+\.)+{_USUAL_END}|[\w.+-]+@ {{1,2}}(?:[\w-]+\.)+{_USUAL_END}"
)

_AT_WORD = "at|ät|arroba|arobase|chez|chiocciola|klammeraffe|apenstaartje"
_DOT_WORD = "dot|punkt|punto|point|ponto|punt"
_AT = rf"(?: ?[\[({{<] ?(?:{_AT_WORD}|@) ?[\])}}>] ?| ?[-_*] ?(?:{_AT_WORD}) ?[-_*] ?)"
_DOT = (
    rf"(?: ?[\[({{<] ?(?:{_DOT_WORD}|\.) ?[\])}}>] ?| ?[-_*] ?(?:{_DOT_WORD}) ?[-_*] ?| (?:{_DOT_WORD}) |\.)"
)
_SPELLED_AT = rf"(?:{_AT}| (?:{_AT_WORD}) (?=[\w-]+ (?:{_DOT_WORD}) ))"
_SPELLED = re.compile(
    rf"[\w+-]+(?:{_DOT}[\w+-]+){{0,3}}{_SPELLED_AT}[\w-]+(?:{_DOT}[\w-]+){{0,3}}{_DOT}{_USUAL_END}",
    re.IGNORECASE,
)
_HINTS = (*_DOT_WORD.split("|"), *(f"{word}{sign}" for word in ("at", "arroba", "@") for sign in ")]}>-_*"))


def find(text: str) -> Iterator[Find]:
    at = text.find("@")
    while at >= 0:
        yield from _around(text, at)
        at = text.find("@", at + 1)
    if "@" in text:
        yield from (_find(match) for match in _SPACED.finditer(text))
    lowered = text.lower()
    if any(hint in lowered for hint in _HINTS):
        yield from (_find(match) for match in _SPELLED.finditer(text))


def _around(text: str, at: int) -> Iterator[Find]:
    local = _LOCAL.search(text, max(0, at - 66), at)
    domain = _DOMAIN.match(text, at + 1)
    if local and domain and (name := local[0].lstrip(_PUNCTUATION)):
        start, end = at - len(name), domain.end()
        yield Find(start, end, Kind.EMAIL, text[start:end].lower())


def _find(match: re.Match[str]) -> Find:
    """Spelled out or not, the same address is the same value."""
    local, _, domain = re.sub(
        rf" ?(?:{_AT}|@| (?:{_AT_WORD}) ) ?", "\0", match[0].lower(), count=1
    ).partition("\0")
    domain = re.sub(_DOT, ".", domain)
    return Find(*match.span(), Kind.EMAIL, f"{re.sub(_DOT, '.', local).strip()}@{domain}")
