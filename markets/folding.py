"""Brings words to one form, so that what people type meets what is stored."""

import unicodedata

# Apostrophes and the like vanish (N'Djamena, Xi'an); every other mark parts words as a space does.
SILENT = "'’‘ʼʻʿʾ`´ʹʽ"
# Letters that Unicode does not decompose, the way people without such a keyboard write them.
PLAIN = dict(zip("øłđðıħŧə", "olddihte", strict=True)) | {"þ": "th", "æ": "ae", "œ": "oe"}


def fold(text: str) -> str:
    """Without accents, case and punctuation: “São-Luís” and “sao luis” are the same. Letters of all scripts stay."""
    # In this order: taken apart, the letters of “ℳ” and “𝐊” are capitals like any other.
    return " ".join(unicodedata.normalize("NFKD", text).casefold().translate(_TABLE).split())


class _Table(dict[int, str]):
    """What becomes of a character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in SILENT or unicodedata.combining(character):
        return ""
    # Marks without a combining class are the vowels of Indian and Thai scripts.
    is_word = unicodedata.category(character)[0] in "LNM"
    return PLAIN.get(character, character if is_word else " ")


_TABLE = _Table()
