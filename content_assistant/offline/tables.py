"""The words of the offline writers, by language, beside them as TOML."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _all(name: str) -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def of(name: str, language: str) -> Mapping[str, Any]:
    """In English where nobody has written them in that language."""
    table = _all(name)
    found: Mapping[str, Any] = table.get(language.partition("-")[0], table["en"])
    return found
