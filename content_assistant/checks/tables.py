"""The words of grounding.toml, read once."""

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any


@cache
def data() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("grounding.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def words(section: str, name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in data()[section][name].split())
