"""Names by which people are found in messengers: after the messenger's name, before it, or after an @."""

import re
from collections.abc import Iterator, Sequence

from accounts.contacts.kinds import Contact, Found, words
from llm.patterns import lazy

_TOKEN = lazy(
    r"@?[a-zß-öø-ÿ0-9_](?:[a-zß-öø-ÿ0-9_.'’+-]*[a-zß-öø-ÿ0-9_])?|[ァ-ヶー]+|[ぁ-ん]|[一-龯]+|[:=→–-]|[.!?\n]",
    re.IGNORECASE,
)
_AT = lazy(r"(?<![\w.@/])@([a-z0-9_](?:[a-z0-9_.]{0,28}[a-z0-9_]))(?![\w@])", re.IGNORECASE)
_SAYS_SO = lazy(
    r"(?<!\w)(?:follow|find|add|dm|message|reach|contact|tag|handle|user|text|write|me|folge|folgt|schreib|sígueme|escríbeme|suis-moi"
    r"|écris-moi|フォロー|[il]g|insta|instagram|telegram|twitter|threads|tiktok|snap|snapchat|discord)(?!\w)",
    re.IGNORECASE,
)
_MEASURE = lazy(
    r"@?\d[\d.,:]*(?:st|nd|rd|th|am|pm|a\.m|p\.m|h|hrs?|mins?|km|m|k|x|uhr|eur|usd)?", re.IGNORECASE
)
_NAME = lazy(r"@?[a-z0-9_][a-z0-9_.-]{2,31}", re.IGNORECASE)
_MARKS = frozenset(": = →".split())
_NAMED_AS = frozenset("as als como sous under unter".split())
_IS = frozenset("is ist es est c'est は".split())
_MINE = frozenset("my mein meine mi mon ma moi our unser unsere mein nuestro notre".split())
_IN_BETWEEN = frozenset("on auf sur en at in の bei".split())
# Their names are words of every day: what follows must look like a name, and be announced.
_EVERYDAY = frozenset("line signal snap x threads wa ライン".split())
_REACH = 7


def find(text: str) -> Iterator[Found]:
    if "@" in text:
        yield from _after_at(text)
    tokens = list(_TOKEN.finditer(text))
    said = [token[0].lower().replace("’", "'") for token in tokens]
    known = words("messengers") | words("short_messengers")
    for place, word in enumerate(said):
        if word in known or word.removesuffix("'s") in known:
            yield from _after(tokens, said, place)
            yield from _before(tokens, said, place)


def _after_at(text: str) -> Iterator[Found]:
    for match in _AT.finditer(text):
        name = match[1]
        if _MEASURE.fullmatch(name) or len(name) < 3:
            continue
        around = text[max(0, match.start() - 40) : match.start()]
        if _looks_like_one(name) or _SAYS_SO.search(around):
            yield Found(*match.span(), Contact.HANDLE)


def _after(tokens: Sequence[re.Match[str]], said: Sequence[str], place: int) -> Iterator[Found]:
    """ "my Telegram is mei_k", "Line ID: mei1988", "auf Insta als meikyoto"."""
    word = said[place].removesuffix("'s")
    mine = not _MINE.isdisjoint(said[max(0, place - 4) : place])
    named = marked = False
    for index in range(place + 1, min(place + 1 + _REACH, len(said))):
        one = said[index]
        if one in words("naming"):
            named = True
        elif one in _MARKS or one in _NAMED_AS or (one in _IS and (mine or named)):
            marked = True
        elif one not in words("between"):
            if _is_name(tokens[index][0], everyday=word in _EVERYDAY, named=named, marked=marked):
                yield Found(*tokens[index].span(), Contact.HANDLE)
            return


def _is_name(token: str, *, everyday: bool, named: bool, marked: bool) -> bool:
    if not _NAME.fullmatch(token) or token.lower() in words("no_names"):
        return False
    if token.startswith("@"):
        return True
    if everyday:
        return (named or marked) and _looks_like_one(token)
    if _looks_like_one(token):
        return True
    return (named or marked) and len(token) >= 4 and (not token.isdigit() or len(token) >= 6)


def _before(tokens: Sequence[re.Match[str]], said: Sequence[str], place: int) -> Iterator[Found]:
    """ "mei_kyoto on Instagram"."""
    before = tokens[place - 2] if place >= 2 and said[place - 1] in _IN_BETWEEN else None
    if before and _looks_like_one(before[0]) and _NAME.fullmatch(before[0]):
        yield Found(*before.span(), Contact.HANDLE)


def _looks_like_one(token: str) -> bool:
    """Letters, with a digit, a line or a stop among them: not a word, not "10.30", not "24h"."""
    if _MEASURE.fullmatch(token) or sum(map(str.isalpha, token)) < 2:
        return False
    return any(sign.isdigit() or sign in "_." for sign in token)
