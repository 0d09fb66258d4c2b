"""One row per attempt: written before it, completed after it. Amounts are ticks (10^-10 USD)."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from llm import pricing
from llm.errors import Failure, FailureKind
from llm.filtering import Verdict
from llm.models import Call, CallText, Disclosure
from llm.routing import Route
from llm.wire import Reply, Usage

LONGEST_ERROR = 500


@dataclass
class Question:
    """What all attempts of one question have in common. `about`: the users whose data it holds."""

    purpose: str
    prompt: str
    version: int
    text: str  # scrubbed
    user_id: int | None
    allowance: str
    about: frozenset[int] = frozenset()
    replaced: Mapping[str, int] = field(default_factory=dict)
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    attempts: int = 0

    def row(self, **fields: Any) -> Call:
        self.attempts += 1
        return Call(
            ask_id=self.id,
            attempt=self.attempts,
            user_id=self.user_id,
            allowance=self.allowance,
            purpose=self.purpose,
            prompt=self.prompt,
            prompt_version=self.version,
            request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
            **fields,
        )


def begin(question: Question, route: Route, *, reserved: int, seconds: float) -> Call:
    """The row before the call, and who is told of whom. Not in a transaction: it must stand whatever follows."""
    call = question.row(
        route=route.name, charged_ticks=reserved, lease_expires_at=timezone.now() + timedelta(seconds=seconds)
    )
    with transaction.atomic(durable=True):
        call.save(force_insert=True)
        Disclosure.objects.bulk_create(
            Disclosure(
                user_id=user_id,
                call=call,
                purpose=question.purpose,
                provider=route.provider.name,
                replaced=dict(question.replaced),
            )
            for user_id in sorted(question.about)
        )
    return call


def answered(call: Call, question: Question, route: Route, reply: Reply, seconds: float) -> int:
    """What it is charged with: its cost, or all that was reserved where the provider does not say what it used."""
    call.state = Call.State.ANSWERED
    return _complete(call, question, route, reply, reply.usage, seconds)


def failed(call: Call, question: Question, route: Route, failure: Failure, seconds: float) -> int:
    """Nothing is charged, unless the provider may have worked: it reported usage, or was cut off while at it."""
    call.state, call.outcome = Call.State.FAILED, failure.kind
    call.error = str(failure)[:LONGEST_ERROR].replace("\0", "")
    reply = failure.reply if isinstance(failure.reply, Reply) else None
    if reply is None and failure.kind is not FailureKind.TIMEOUT:
        call.charged_ticks = 0
        return _save(call, seconds)
    return _complete(call, question, route, reply, reply.usage if reply else None, seconds)


def rejected(call: Call, kind: FailureKind) -> None:
    """It answered and is paid for, but the answer is of no use."""
    Call.objects.filter(pk=call.pk).update(state=Call.State.FAILED, outcome=kind)


def _complete(
    call: Call, question: Question, route: Route, reply: Reply | None, usage: Usage | None, seconds: float
) -> int:
    call.usage_state = Call.UsageState.MISSING
    if usage is not None:
        _note_usage(call, route, usage)
    if reply is None:
        return _save(call, seconds)
    call.model, call.provider_request_id = reply.model[:80], reply.request_id[:120]
    return _save(call, seconds, CallText(prompt=question.text, answer=reply.text.replace("\0", "")))


def _note_usage(call: Call, route: Route, usage: Usage) -> None:
    call.usage_state = Call.UsageState.REPORTED
    call.input_tokens, call.cached_tokens = usage.input, usage.cached
    call.output_tokens, call.reasoning_tokens = usage.output, usage.reasoning
    call.tool_units, call.raw_usage = dict(usage.tools), dict(usage.raw)
    call.computed_ticks, call.reported_ticks = pricing.cost_ticks(route, usage), usage.reported_ticks
    # The provider's own word is what will be on the invoice.
    call.charged_ticks = call.computed_ticks if usage.reported_ticks is None else usage.reported_ticks


def _save(call: Call, seconds: float, text: CallText | None = None) -> int:
    """One statement where the row is still ours: an abandoned one that answers after all is completed too."""
    call.duration_ms = round(seconds * 1000)
    with transaction.atomic():
        Call.objects.filter(pk=call.pk).update(
            finished_at=Now(), **{name: getattr(call, name) for name in COMPLETED_WITH}
        )
        if text and settings.LLM_KEEP_TEXTS_DAYS:
            _keep(text, call)
    return call.charged_ticks


COMPLETED_WITH = """state outcome error model provider_request_id usage_state input_tokens cached_tokens output_tokens
    reasoning_tokens tool_units raw_usage charged_ticks computed_ticks reported_ticks duration_ms""".split()


def _keep(text: CallText, call: Call) -> None:
    text.call = call
    text.kept_until = timezone.now() + timedelta(days=settings.LLM_KEEP_TEXTS_DAYS)
    text.save(force_insert=True)


def without_model(question: Question, source: Call.Source, *, route: str = "", model: str = "") -> Call:
    """An answer that cost nothing: kept from before, or of the offline writer."""
    call = question.row(
        source=source,
        state=Call.State.ANSWERED,
        route=route,
        model=model,
        finished_at=timezone.now(),
        duration_ms=0,
    )
    call.save(force_insert=True)
    return call


def note_verdicts(call: Call, verdicts: Mapping[str, Iterable[Verdict]]) -> None:
    noted = [{"place": place, **asdict(verdict)} for place, found in verdicts.items() for verdict in found]
    CallText.objects.filter(call=call).update(verdicts=noted)
