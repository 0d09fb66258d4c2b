"""The one place for retries: which route is tried when, for how long, and what each end means."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog
from pydantic import ValidationError

from llm import admission, circuit, ledger
from llm.errors import Cancelled, Failure, FailureKind, OutputRejected, ProviderFailed
from llm.models import Call
from llm.routing import Route
from llm.wire import Reply

log = structlog.get_logger(__name__)
OutputT = TypeVar("OutputT", covariant=True)

TRIES_PER_ROUTE = 3
FIRST_PAUSE = 0.25  # seconds, doubled with each try of a route and spread by half to either side
# While others wait behind it, a route may use this share of the time that is left.
SHARE = 0.6
LEAST_SECONDS = 0.5  # nothing useful comes in less
# The slot and the row outlive the deadline by this, so that only the dead are given up.
GRACE_SECONDS = 10.0
TYPED_ENDS = {FailureKind.REFUSED, FailureKind.TRUNCATED, FailureKind.FILTERED}


class Work(Protocol[OutputT]):
    """What is asked of a route, whatever it is."""

    def ticks(self, route: Route) -> int:
        """The most one try can cost."""

    def send(self, route: Route, timeout: float) -> Reply:
        """One try. Raises errors.Failure."""

    def read(self, reply: Reply) -> OutputT:
        """What the answer means. A ValidationError earns one more try, after `mend`."""

    def mend(self, reply: Reply, error: ValidationError) -> None:
        """Ask differently next time."""

    def again(self) -> None:
        """A try failed: what it had begun is void."""


@dataclass
class Standing:
    """A route in this question."""

    route: Route
    tries: int = 0
    ready_at: float = 0.0

    def failed(self, failure: Failure) -> None:
        if not failure.kind.retryable:
            self.tries = TRIES_PER_ROUTE
        pause = FIRST_PAUSE * 2 ** (self.tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311  # spreads, hides nothing
        self.ready_at = time.monotonic() + max(pause, failure.retry_after or 0.0)


class Success(NamedTuple, Generic[OutputT]):
    call: Call
    route: Route
    reply: Reply
    output: OutputT


class Attempts(Generic[OutputT]):
    """All tries of one question within so many seconds. Without `heed_rest` also a resting route is asked.

    `spent`: by the last attempt of a question that was answered already, and is asked on.
    """

    def __init__(
        self,
        question: ledger.Question,
        work: Work[OutputT],
        routes: Sequence[Route],
        *,
        seconds: float,
        heed_rest: bool = True,
        spent: int | None = None,
    ) -> None:
        self.question, self.work, self.heed_rest = question, work, heed_rest
        self.standings = [Standing(route) for route in routes]
        self.deadline = time.monotonic() + seconds
        self.failures: list[FailureKind] = []
        self.spent = spent  # of the last attempt; None before the first
        self.used = spent is not None
        self.mended = False

    def run(self) -> Success[OutputT]:
        """Raises LimitReached, BudgetSpent, Unavailable, ProviderFailed, OutputRejected or Cancelled."""
        try:
            while standing := self._next():
                if success := self._attempt(standing):
                    return success
            raise ProviderFailed(self.failures)
        finally:
            self._settle()

    @property
    def _left(self) -> float:
        return self.deadline - time.monotonic()

    def _next(self) -> Standing | None:
        """The route to try now, slept until it is ready; None: nobody is in time."""
        while live := [standing for standing in self.standings if standing.tries < TRIES_PER_ROUTE]:
            now = time.monotonic()
            first = min(live, key=lambda standing: max(standing.ready_at, now))
            if first.ready_at > self.deadline - LEAST_SECONDS or self._left < LEAST_SECONDS:
                return None
            time.sleep(max(first.ready_at - now, 0.0))
            rest = self._rest(first.route.name)
            if not rest:
                return first
            first.ready_at = time.monotonic() + rest
        return None

    def _rest(self, name: str) -> float:
        return circuit.resting([name]).get(name, 0.0) if self.heed_rest else 0.0

    def _attempt(self, standing: Standing) -> Success[OutputT] | None:
        standing.tries += 1
        try:
            call, reply = self._call(standing.route)
        except Failure as failure:
            self._after(failure, standing)
            return None
        try:
            return Success(call, standing.route, reply, self.work.read(reply))
        except OutputRejected as error:
            ledger.rejected(call, error.kind)
            raise
        except ValidationError as error:
            ledger.rejected(call, FailureKind.INVALID)
            self._mend(reply, error, standing)
            return None

    def _call(self, route: Route) -> tuple[Call, Reply]:
        ticks = self.work.ticks(route)
        timeout = self._left * (SHARE if self._others_fresh() else 1.0)
        self._take(ticks, self._left + GRACE_SECONDS)
        call = ledger.begin(self.question, route, reserved=ticks, seconds=self._left + GRACE_SECONDS)
        began = time.monotonic()
        try:
            reply = self.work.send(route, timeout)
        except Failure as failure:
            self.spent = ledger.failed(call, self.question, route, failure, time.monotonic() - began)
            circuit.failed(route.name, failure.kind)
            raise
        self.spent = ledger.answered(call, self.question, route, reply, time.monotonic() - began)
        self.used = True
        circuit.succeeded(route.name)
        return call, reply

    def _others_fresh(self) -> bool:
        return any(not standing.tries for standing in self.standings)

    def _take(self, ticks: int, seconds: float) -> None:
        if self.spent is None:
            admission.admit(
                str(self.question.id),
                allowance=self.question.allowance,
                user_id=self.question.user_id,
                ticks=ticks,
                seconds=seconds,
            )
        else:
            attempt = self.question.attempts + 1
            admission.again(
                str(self.question.id), attempt=attempt, spent=self.spent, ticks=ticks, seconds=seconds
            )
        self.spent = ticks  # until it is known better

    def _after(self, failure: Failure, standing: Standing) -> None:
        self.failures.append(failure.kind)
        self.used = self.used or bool(self.spent)
        log.info(
            "llm_attempt_failed", route=standing.route.name, kind=failure.kind.value, status=failure.status
        )
        if failure.kind is FailureKind.CANCELLED:
            raise Cancelled from failure
        if failure.kind in TYPED_ENDS or failure.kind is FailureKind.LEAKED:
            raise OutputRejected(failure.kind) from failure
        standing.failed(failure)
        self.work.again()

    def _mend(self, reply: Reply, error: ValidationError, standing: Standing) -> None:
        if self.mended:
            raise OutputRejected(FailureKind.INVALID) from error
        self.mended = True
        standing.tries -= 1  # it did answer
        self.work.mend(reply, error)

    def _settle(self) -> None:
        if self.spent is None:
            return
        try:
            attempt = self.question.attempts
            admission.settle(str(self.question.id), attempt=attempt, spent=self.spent, use_counts=self.used)
        except admission.Unavailable:
            log.warning("llm_not_settled", ask=str(self.question.id))  # its lease settles it
