"""E-mail addresses that are spelled so that no program finds them, beyond what llm.privacy knows."""

import re
from collections.abc import Iterator

from accounts.contacts.kinds import Contact, Found
from llm.patterns import lazy

_PROVIDER = (
    r"(?:gmail|googlemail|g mail|yahoo|hotmail|outlook|icloud|gmx|proton(?:mail)?|posteo|libero|naver|docomo"
    r"|ezweb|qq)"
)
_DOT = r"(?: ?\. ?| ?[(\[]? ?(?:dot|punkt|punto|point|ドット) ?[)\]]? ?)"
_END = rf"(?:{_DOT}(?:[a-z]{{2,3}}(?![a-z0-9])|コム)(?:\.[a-z]{{2}}(?![a-z0-9]))?)"
_LOCAL = rf"[a-z0-9_+-]{{1,40}}(?:{_DOT}[a-z0-9_+-]{{1,40}}){{0,3}}"
# After a sign any name will do; after a mere word the name or the end must look like an address.
_SIGNED = lazy(
    rf"(?<![a-z0-9.]){_LOCAL} ?(?:@|[(\[{{] ?(?:at|ät|arroba|arobase|a) ?[)\]}}]|アットマーク|アット|あっと) ?"
    rf"{_PROVIDER}(?![a-z0-9]){_END}?",
    re.IGNORECASE,
)
_SAID = lazy(
    rf"(?<![a-z0-9.])(?:{_LOCAL} (?:at|ät|arroba|arobase) {_PROVIDER}{_END}"
    rf"|[a-z0-9-]*[0-9._][a-z0-9._-]* (?:at|ät|arroba|arobase|chez|bei) {_PROVIDER}\b)",
    re.IGNORECASE,
)
# A stop with a space before it ends no sentence, and these ends are no words.
_PARTED = lazy(
    rf"(?<![a-z0-9.]){_LOCAL} ?@ ?[a-z0-9-]{{2,40}} \. ?(?:com|net|org|info|(?:co\.)?jp)(?![a-z0-9])",
    re.IGNORECASE,
)
_SPACED = lazy(
    r"(?<!\S)(?:[a-z0-9._-] ){2,30}(?:@|\(at\)|at) (?:[a-z0-9-] ){2,30}(?:\.|dot) ?(?:[a-z] ?){2,3}(?!\S)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Found]:
    for pattern in (_SIGNED, _SAID, _PARTED, _SPACED):
        for match in pattern.finditer(text):
            yield Found(*match.span(), Contact.EMAIL)
