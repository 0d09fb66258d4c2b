"""social/data/words.toml as sets."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Pain:
    text: str
    words: frozenset[str]
    help: str


@dataclass(frozen=True)
class Words:
    positive: frozenset[str]
    negative: frozenset[str]
    kinds: dict[str, frozenset[str]]
    pains: tuple[Pain, ...]
    titles: dict[str, tuple[str, ...]]


@cache
def load() -> Words:
    data: dict[str, Any] = tomllib.loads(
        Path(__file__).with_name("data").joinpath("words.toml").read_text("utf-8")
    )
    return Words(
        positive=frozenset(data["positive"].split()),
        negative=frozenset(data["negative"].split()),
        kinds={name: frozenset(words.split()) for name, words in data["kinds"].items()},
        pains=tuple(Pain(one["text"], frozenset(one["words"].split()), one["help"]) for one in data["pains"]),
        titles={channel: tuple(patterns) for channel, patterns in data["titles"].items()},
    )
