"""Brings words to one form, so that what people type meets what is stored."""

import unicodedata

# Letters that Unicode does not decompose, the way people without such a keyboard write them.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
# Apostrophes and the like vanish (N'Djamena, Xi'an); every other mark parts words as a space does.
SILENT = set("'’‘ʼʻʿʾ`´ʹʽ")


def fold(text: str) -> str:
    """Without accents, case and punctuation: “São-Luís” and “sao luis” are the same. Letters of all scripts stay."""
    plain = (_fold_character(character) for character in unicodedata.normalize("NFKD", text.casefold()))
    return " ".join("".join(plain).translate(LETTERS).split())


def _fold_character(character: str) -> str:
    if character in SILENT or unicodedata.combining(character):
        return ""
    # Marks without a combining class are the vowels of Indian and Thai scripts.
    return character if unicodedata.category(character)[0] in "LNM" else " "
