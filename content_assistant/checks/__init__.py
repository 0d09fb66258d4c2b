"""What code finds about a text after it was written, whoever wrote it.

Each check is a function of a `Text` that yields findings; a tool names its own in `Tool.checks`. A finding that
`blocks` keeps the text from being applied or placed; one with a `repair` is told to the model once, in these words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Finding:
    """`rule` is a short code, `message` a sentence for the expert, in their language; spans are places in the text."""

    rule: str
    message: str
    repair: str = ""  # English, for the model; empty: not worth another call
    blocks: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    def stored(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Source:
    """A fact that a sentence may rest on: `kind` is profile, service, review, thread, trip or citation."""

    kind: str
    label: str  # for the page: “your profile”, the title of a service, the address of a citation
    text: str
    url: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence with something checkable in it. `source` is empty where nothing supports it: please confirm."""

    sentence: str
    what: tuple[str, ...]  # year, name, number, certificate, place, price
    source: str = ""
    url: str = ""
    confirmed: bool = False

    @property
    def is_open(self) -> bool:
        return not (self.source or self.confirmed)

    def stored(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Text:
    """What is checked: the text, what the tool has beside it, and what it was written from."""

    text: str
    language: str
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Any = None  # the tool's own facts, a pydantic model
    sources: tuple[Source, ...] = ()


Check = Callable[[Text], Iterable[Finding]]


def quoted(*texts: str, by: str = ", ") -> str:
    """As the reader's language quotes."""
    return by.join(_("“%(words)s”") % {"words": words} for words in texts)
