"""Tables of TOML beside the code. The parser is loaded with the first of them: importing the app must cost next to
nothing."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


def load(path: Path) -> dict[str, Any]:
    """Raises OSError or ValueError."""
    import tomllib  # noqa: PLC0415  # compiles expressions of its own

    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def ours(path: Path) -> Mapping[str, Any]:
    """A file that comes with the code and is read once."""
    return load(path)
