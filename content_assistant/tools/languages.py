"""Languages that experts write and translate into."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from markets import formats

CODES = ("ar cs da de el en es fi fr he hi id it ja ko nb nl pl pt ro ru sv th tr uk vi zh").split()


def choices() -> list[tuple[str, str]]:
    """By their names in the reader's language."""
    return sorted(((code, formats.language(code)) for code in CODES), key=lambda choice: choice[1])


def worded(language: str) -> AbstractContextManager[None]:
    """Facts in the language of the text; in English where ours has no words, so that no text has a line of each."""
    return translation.override(language if language in dict(settings.LANGUAGES) else "en")
