"""One version is written: asked for, checked, mended once, checked again. Writes nothing but the door's own books."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from content_assistant import examining, facts, tools
from content_assistant.checks import Text
from content_assistant.examining import Examined
from content_assistant.models import Draft, Version
from content_assistant.tools import Tool, Written
from llm import door
from markets import moments

State = Version.State


@dataclass(frozen=True)
class Outcome:
    """What becomes of the version: its state, its other fields, and why it is held."""

    state: str
    fields: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, object]] = field(default_factory=list)


def write(version: Version, before: str) -> Outcome:
    """`before` is the text that is to be changed, empty where a new one is wanted. Takes seconds."""
    with translation.override(version.draft.expert.user.language):
        return _Writing(version, before).done()


@dataclass(frozen=True)
class _Attempt:
    answer: door.Answer[Any]
    written: Written
    examined: Examined

    @property
    def is_offline(self) -> bool:
        return self.answer.origin is door.Origin.OFFLINE

    @property
    def verdicts(self) -> list[dict[str, object]]:
        return examining.held(self.answer.verdicts, self.examined.findings)

    @property
    def trouble(self) -> tuple[int, tuple[int, int]]:
        return len(self.verdicts), self.examined.trouble


class _Writing:
    def __init__(self, version: Version, before: str) -> None:
        self.version, self.before = version, before
        self.draft: Draft = version.draft
        self.tool: Tool = tools.of(self.draft.tool)
        self.prompt = self.tool.prompt_for(self.draft)
        self.cost = Decimal(0)

    def done(self) -> Outcome:
        digest = facts.digest(self.draft, self.tool)  # before asking: what changes meanwhile makes it stale
        try:
            attempt = self._mended(self._attempt(self.version.wish, self.before, streams=True))
        except door.Cancelled:
            return Outcome(State.CANCELLED, {"cost": self.cost})
        except door.LLMError as error:
            return Outcome(State.FAILED, {"error": self._said(error)[:300], "cost": self.cost})
        verdicts = attempt.verdicts
        stored = self._fields(attempt) | {"facts": digest, "cost": self.cost}
        return Outcome(State.HELD if verdicts else State.READY, stored, verdicts)

    def _attempt(self, wish: str, before: str, *, streams: bool = False, mends: Any = None) -> _Attempt:
        asked = self.tool.facts(self.draft, wish, before)
        answer = door.ask(
            self.prompt,
            asked,
            user=self.draft.expert.user,
            about=self._about(),
            people=[user.name for user in self._people()],
            stream=self.version.stream if streams and self.prompt.output is str else "",
            fresh=self.version.number > 1,  # who asks again wants another answer
            mends=mends,
        )
        self.cost += answer.cost
        written = self.tool.written(answer.output)
        sources = (*self.tool.sources(self.draft), *examining.sources_of_citations(answer.citations))
        text = Text(written.text, self.draft.language, written.data, asked, sources)
        return _Attempt(answer, written, examining.examine(self.tool, text, answer.verdicts))

    def _mended(self, first: _Attempt) -> _Attempt:
        """The model is told once what is off. A second attempt that is worse, or none, changes nothing."""
        repairs = first.examined.repairs
        if not repairs or first.is_offline:
            return first
        wish = "\n".join(filter(None, [self.version.wish, *repairs]))
        try:
            second = self._attempt(wish, first.written.text, mends=first.answer)
        except door.LLMError:
            return first
        return first if second.is_offline or second.trouble > first.trouble else second

    def _people(self) -> list[User]:
        inquiry = self.draft.inquiry
        return [self.draft.expert.user, *([inquiry.traveler] if inquiry else [])]

    def _about(self) -> Iterable[User]:
        more = self.tool.about(self.draft) if self.tool.about else ()
        return [*self._people(), *more]

    def _fields(self, attempt: _Attempt) -> dict[str, Any]:
        answer, examined = attempt.answer, attempt.examined
        return {
            "origin": Version.Origin.OFFLINE if attempt.is_offline else Version.Origin.MODEL,
            "text": attempt.written.text.replace("\0", ""),
            "data": dict(attempt.written.data),
            "findings": [finding.stored() for finding in examined.findings],
            "claims": [claim.stored() for claim in examined.claims],
            "citations": [{"url": one.url, "title": one.title} for one in answer.citations],
            "prompt_version": self.prompt.version,
            "model": answer.model[:100],
            "notice": answer.notice[:300],
        }

    def _said(self, error: door.LLMError) -> str:
        if not isinstance(error, door.LimitReached):
            return str(error)
        lifts = moments.moment(error.lifts_at, self.draft.expert.user.time_zone)
        return _("%(why)s You can write again from %(time)s.") % {"why": error, "time": lifts}
