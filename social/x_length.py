"""How long a text is as X counts it: https://docs.x.com/fundamentals/counting-characters (twitter-text, version 3).

The text is composed (NFC). Letters of most alphabets and usual punctuation count one, everything else two, an emoji two
however many code points it is made of, and a link 23 however long it is.
"""

import re
import unicodedata

LONGEST = 280
LINK = 23
# Code points that weigh one; all others weigh two.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

# A pictograph, what changes its look or skin, and what is joined to it; flags; keys such as 1️⃣. Whatever stands alone
# in these ranges weighs two anyway.
_PICTURE = "[\u203c\u2049\u2122\u2139\u2194-\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_DRESSED = f"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|[\u00a9\u00ae]\ufe0f?|{_DRESSED}(?:\u200d{_DRESSED})*"
)
# What no URL has ends one: blanks, quotation marks, kana, Han and the punctuation that goes with them. So does what
# follows a URL in a sentence.
_ENDS = r"\s<>\"“”„«»‹›\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
_IN_URL = rf"(?:[^{_ENDS}]*[^{_ENDS}.,;:!?'’…)\]])?"
_LINK = re.compile(rf"https?://{_IN_URL}", re.IGNORECASE)
# X makes links of these too where it knows the ending: whatever it does, they are not longer than counted here.
_BARE = re.compile(
    rf"(?<![a-z0-9_@.-])(?:[a-z0-9-]+\.)+[a-z]{{2,18}}(?![a-z0-9_-])(?:/{_IN_URL})?", re.IGNORECASE
)


def length(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    text, links = _LINK.subn(" ", text)
    bare = sum(max(LINK - weight(found), 0) for found in _BARE.findall(text))
    return weight(text) + bare + links * (LINK - 1)  # each has left a blank


def weight(text: str) -> int:
    text, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(1 if _is_light(ord(letter)) else 2 for letter in text)


def links(text: str) -> list[str]:
    return [*_LINK.findall(text), *_BARE.findall(_LINK.sub(" ", text))]


def _is_light(code: int) -> bool:
    return any(first <= code <= last for first, last in _LIGHT)
