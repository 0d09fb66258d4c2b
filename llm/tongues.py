"""In which language a text is written, as far as its letters tell."""


def language_of(text: str) -> str:
    """An ISO 639-1 code. A guess from forty characters on; never empty."""
    import py3langid  # noqa: PLC0415  # half a second, and needed by workers alone

    return str(py3langid.classify(text)[0])
