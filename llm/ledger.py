"""One row per attempt: written before it, completed after it. Amounts are ticks (10^-10 USD)."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from llm import pricing
from llm.errors import Failure, FailureKind
from llm.filtering import Verdict
from llm.models import Call, CallText
from llm.routing import Route
from llm.wire import Reply, Usage

LONGEST_ERROR = 500
# Redis knows a settled call for half an hour (admission.lua); what it has forgotten it would book again.
MENDABLE = timedelta(minutes=20)

# Django writes a statement anew for every row, and begins and commits in round trips of their own: a question took
# longer for that than for all the rest. Each of these is one round trip, and a transaction by itself.
_FIELDS = {field.attname: field for field in Call._meta.concrete_fields}
_NEW = [name for name in _FIELDS if name not in ("id", "started_at")]
_COMPLETED = """state outcome error model provider_request_id usage_state input_tokens cached_tokens output_tokens
    reasoning_tokens tool_units raw_usage charged_ticks computed_ticks reported_ticks duration_ms""".split()
INSERT: Final = f"""
    INSERT INTO llm_call ({", ".join(_NEW)}) VALUES ({", ".join("%s" for _ in _NEW)}) RETURNING id"""  # noqa: S608
INSERT_AND_DISCLOSE: Final = f"""
    WITH call AS ({INSERT}),
    told AS (
        INSERT INTO llm_disclosure (user_id, call_id, purpose, provider, replaced)
        SELECT unnest(%s::bigint[]), id, %s, %s, %s FROM call
    )
    SELECT id FROM call"""  # noqa: S608  # names of columns, as above
# A crash of Postgres or of its machine may lose the last half second of completed rows: such a row says again that its
# call runs, is given up in time, and stays charged with the most it can have cost. Rows of calls to be made are on the
# disk before the call, with whose data it tells.
COMPLETE: Final = f"""
    UPDATE llm_call SET {", ".join(f"{name} = %s" for name in _COMPLETED)}, finished_at = STATEMENT_TIMESTAMP()
    WHERE id = %s RETURNING id, set_config('synchronous_commit', 'off', true)"""  # noqa: S608
COMPLETE_AND_KEEP: Final = f"""
    WITH call AS ({COMPLETE})
    INSERT INTO llm_calltext (call_id, prompt, answer, verdicts, kept_until)
    SELECT id, %s, %s, '[]', %s FROM call"""  # noqa: S608


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
    disclosure = sorted(question.about), question.purpose, route.provider.name, Jsonb(dict(question.replaced))
    # This refuses to be part of a transaction, but for the one that a test runs in.
    with transaction.atomic(durable=True) if connection.in_atomic_block else nullcontext():
        call.pk = _inserted(INSERT_AND_DISCLOSE, *_values(call, _NEW), *disclosure)
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
    """Where the row is still ours: an abandoned one that answers after all is completed too."""
    call.duration_ms = round(seconds * 1000)
    statement, values = COMPLETE, [*_values(call, _COMPLETED), call.pk]
    if text and settings.LLM_KEEP_TEXTS_DAYS:
        kept_until = timezone.now() + timedelta(days=settings.LLM_KEEP_TEXTS_DAYS)
        statement, values = COMPLETE_AND_KEEP, [*values, text.prompt, text.answer, kept_until]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    return call.charged_ticks


def _inserted(statement: str, *values: Any) -> int:
    """The id of the new row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def _values(call: Call, names: Iterable[str]) -> list[Any]:
    """As the columns take them."""
    return [_FIELDS[name].get_db_prep_save(getattr(call, name), connection) for name in names]


def just_answered(call_id: int, question: Question) -> Call | None:
    """The call, if the same person asked a model the same thing and the books have not forgotten it."""
    calls = Call.objects.filter(
        source=Call.Source.MODEL, prompt=question.prompt, user=question.user_id, allowance=question.allowance
    )
    return calls.filter(pk=call_id, finished_at__gt=timezone.now() - MENDABLE).first()


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
    call.pk = _inserted(INSERT, *_values(call, _NEW))
    return call


def note_verdicts(call: Call, verdicts: Mapping[str, Iterable[Verdict]]) -> None:
    noted = [{"place": place, **verdict._asdict()} for place, found in verdicts.items() for verdict in found]
    CallText.objects.filter(call=call).update(verdicts=noted)
