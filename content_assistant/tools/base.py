"""What a tool is: which form it asks with, which facts it reads, who words them, what is checked, where it goes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django import forms
from pydantic import BaseModel

from accounts.models import User
from content_assistant.checks import Check, Source
from content_assistant.models import Draft, Version
from llm import door

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Written:
    """An answer as it is stored: the text that is read and edited, and what the tool has beside it."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tool:
    """One of the six.

    `facts` reads everything a draft is written from, as the prompt's own pydantic model: with the wish and the text
    before it where a new version is asked for. It is deterministic, because its digest tells whether a draft is stale.
    `apply` puts a text where it belongs and answers with what stood there before, by field; None where it cannot.
    """

    name: Draft.Tool
    label: "StrOrPromise"
    line: "StrOrPromise"  # one line on the card
    seconds: int  # how long it usually takes with a model
    words: tuple[int, int] | None  # what the text should have
    form: type[forms.Form]
    prompt: door.Prompt[Any, Any]
    facts: Callable[[Draft, str, str], BaseModel]  # draft, wish, the text to change ("" the first time)
    sources: Callable[[Draft], tuple[Source, ...]]
    checks: tuple[Check, ...]
    written: Callable[[Any], Written]  # the prompt's output, as it is stored
    apply: Callable[[Draft, Version], dict[str, Any]] | None = None
    minutes: int = 30  # that writing it by hand takes, the stated baseline of the time saved
    # Other versions of the prompt that share the traffic, each with its percentage of the drafts.
    trials: tuple[tuple[door.Prompt[Any, Any], int], ...] = ()
    # What lies beside an edited text, read from it anew: of the text, of what lay beside it, and of its language.
    reread: Callable[[str, Mapping[str, Any], str], Mapping[str, Any]] | None = None
    # Texts that lie beside it and are applied with it: they are grounded as it is.
    beside: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    # Whose data the facts hold beside the expert's own and, of an inquiry, the traveler's: who wrote the reviews.
    about: Callable[[Draft], Iterable[User]] | None = None
    # What the text renders, as it stands now, and its language: the page shows it beside the text.
    original: Callable[[Draft], tuple[str, str]] | None = None

    def data_of(self, text: str, data: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        """What belongs beside an edited text; `data` lay beside it before."""
        return self.reread(text, data, language) if self.reread else data

    def texts_beside(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        return self.beside(data) if self.beside else ()

    def prompt_for(self, draft: Draft) -> door.Prompt[Any, Any]:
        """Always the same one for a draft, so that its versions can be compared."""
        place = crc32(f"{self.name}-{draft.pk}".encode()) % 100
        for prompt, percent in self.trials:
            if place < percent:
                return prompt
            place -= percent
        return self.prompt


TOOLS: dict[str, Tool] = {}


def register(tool: Tool) -> Tool:
    TOOLS[tool.name] = tool
    return tool


def of(name: str) -> Tool:
    """KeyError: there is no such tool."""
    return TOOLS[name]
