"""E-mail addresses, also where they are spelled out: name (at) example dot com."""

import re
from collections.abc import Iterator

from llm.patterns import lazy
from llm.privacy.kinds import Find, Kind

_LETTER = r"[^\W\u3000-\uffff]"  # Chinese and Japanese sentences put no space before or after an address
_LOCAL = lazy(rf"(?:\"[^\"\n]{{1,64}}\"|(?:{_LETTER}|[.+%&'*/=?^`{{|}}~#$!-]){{1,64}})$")
_DOMAIN = lazy(rf"(?:(?:{_LETTER}|-){{1,63}}\.){{1,8}}(?!\d){_LETTER}(?:{_LETTER}|-){{1,30}}")
_PUNCTUATION = ".'*/=?^`{|}~#$!&-"
_REACH = 66

# "dinner @ eight.It" is none: where the sign does not stand between the two, an address must end like most do.
_ENDS = frozenset(
    "com net org info eu de fr es it pt nl at ch be uk ie pl jp cn in br mx ar us ca au edu gov io me co travel".split()
)
_AT_WORD = "at|ät|arroba|arobase|chez|chiocciola|klammeraffe|apenstaartje|@"
_DOT_WORD = "dot|punkt|punto|point|ponto|punt"
_AT = lazy(rf" ?[\[({{<] ?(?:{_AT_WORD}) ?[\])}}>] ?| (?:{_AT_WORD}) |@ | @", re.IGNORECASE)
_DOT = rf" ?[\[({{<] ?(?:{_DOT_WORD}|\.) ?[\])}}>] ?| (?:{_DOT_WORD}) |\."
_SPELLED_LOCAL = lazy(rf"(?<![\w.+-])[\w+-]{{1,40}}(?:(?:{_DOT})[\w+-]{{1,40}}){{0,3}}$", re.IGNORECASE)
_SPELLED_DOMAIN = lazy(rf"[\w-]{{1,40}}(?:(?:{_DOT})[\w-]{{1,40}}){{1,4}}", re.IGNORECASE)
_SEPARATOR = lazy(_DOT, re.IGNORECASE)
# One of these is in every address that is spelled out.
_DOTS = tuple(f"{before}{word}" for word in (*_DOT_WORD.split("|"), ".") for before in "([{<")
_BARE_HINTS = tuple(f" {word} " for word in _DOT_WORD.split("|"))
_HINTS = (*_BARE_HINTS, *_DOTS, "@ ", " @")
_SIGNS = "@([{<)]}>"  # all other hints have one of these
_ATS = tuple(f"{word}{after}" for word in _AT_WORD.split("|") for after in ")]}>")


def find(text: str) -> Iterator[Find]:
    at = text.find("@")
    while at >= 0:
        yield from _around(text, at)
        at = text.find("@", at + 1)
    if _may_spell(text.lower()):
        for match in _AT.finditer(text):
            yield from _spelled(text, match)


def _may_spell(lowered: str) -> bool:
    hints = _HINTS + _ATS if any(sign in lowered for sign in _SIGNS) else _BARE_HINTS
    return any(hint in lowered for hint in hints)


def _around(text: str, at: int) -> Iterator[Find]:
    domain = _DOMAIN.match(text, at + 1)
    local = domain and _LOCAL.search(text, max(0, at - _REACH), at)
    if local and domain and (name := local[0].lstrip(_PUNCTUATION)):
        start, end = at - len(name), domain.end()
        yield Find(start, end, Kind.EMAIL, text[start:end].lower())


def _spelled(text: str, at: re.Match[str]) -> Iterator[Find]:
    """However it is spelled, the same address is the same value."""
    domain = _SPELLED_DOMAIN.match(text, at.end())
    if not domain:
        return
    dots = list(_SEPARATOR.finditer(domain[0]))
    if at[0].strip().isalpha() and dots[0][0] == ".":
        return  # "meet at example.com" is a place on the web
    ends = [dot.start() for dot in dots[1:]] + [len(domain[0])]
    fitting = [
        end for dot, end in zip(dots, ends, strict=True) if domain[0][dot.end() : end].lower() in _ENDS
    ]
    local = _SPELLED_LOCAL.search(text, max(0, at.start() - _REACH), at.start())
    if fitting and local:
        name, host = (_SEPARATOR.sub(".", part.lower()) for part in (local[0], domain[0][: fitting[-1]]))
        yield Find(local.start(), domain.start() + fitting[-1], Kind.EMAIL, f"{name}@{host}")
