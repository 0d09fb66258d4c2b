"""One run: ask for jobs, kill what does them, and look what became of each."""

import contextlib
import multiprocessing
import os
import random
import signal
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg
import redis

from bench.chaos import parts
from config.local import postgres, services
from config.local.paths import Local, ServiceError, within

# What has not moved for so long never will: with the sweeper a lease, a back-off and a sweep; without it a job.
STANDSTILL_SECONDS = {True: 20, False: 5}


# How many jobs may be open when the next ones are asked for.
BACKLOG = 15


@dataclass(frozen=True)
class Plan:
    jobs: int = 300
    kills: int = 25
    wipes: int = 5
    crashes: int = 3
    sweeper: bool = True
    concurrency: int = 4
    seed: int = 1


@dataclass(frozen=True)
class Report:
    """`resumed`: by kind of fault, the longest time in seconds until a job that ran or waited then started again."""

    jobs: int
    lost: int
    finished_twice: int
    restarted: int
    resumed: dict[str, float]
    seconds: float


class Siege:
    def __init__(self, plan: Plan, local: Local) -> None:
        self.plan = plan
        self.local = local
        self.random = random.Random(plan.seed)
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["bench.chaos.parts"])
        self.allowed = self.context.Value("i", 0)
        self.processes: dict[str, BaseProcess] = {}
        self.worker_starts = 0
        self.faults: list[tuple[datetime, str]] = []

    def run(self) -> Report:
        began = time.monotonic()
        try:
            self._prepare()
            self._start("client", parts.client, self.allowed, self.plan.jobs)
            self._start_worker()
            if self.plan.sweeper:
                self._start("beat", parts.beat)
            self._inflict_faults()
            self._await_standstill()
        finally:
            for name in list(self.processes):
                self._kill(name)
        return self._report(time.monotonic() - began)

    def _prepare(self) -> None:
        self._start("prepare", parts.prepare)
        process = self.processes.pop("prepare")
        process.join()
        if process.exitcode:
            raise RuntimeError((self.local.folder / "prepare.log").read_text())

    def _inflict_faults(self) -> None:
        """Shuffled, each while jobs run, and each after its share of the jobs was asked for."""
        plan = self.plan
        faults = {"kill": self._kill_worker, "wipe": self._wipe_redis, "crash": self._crash_postgres}
        kinds = ["kill"] * plan.kills + ["wipe"] * plan.wipes + ["crash"] * plan.crashes
        self.random.shuffle(kinds)
        for number, kind in enumerate(kinds, start=1):
            self._ask_until(plan.jobs * number // len(kinds))
            time.sleep(self.random.uniform(0, 0.6))
            self.faults.append((datetime.now(UTC), kind))
            faults[kind]()

    def _ask_until(self, jobs: int) -> None:
        """Come back while jobs run. A slow machine gets the time to catch up: it is not the one under test."""
        if self.plan.sweeper:  # without it the lost ones never catch up
            within(10, lambda: self._count("chaos_outcome") >= self.allowed.value - BACKLOG)
        runs = self._count("chaos_run")
        self.allowed.value = jobs
        within(10, lambda: self._count("chaos_run") > runs)

    def _kill_worker(self) -> None:
        self._kill("worker")
        self._start_worker()

    def _wipe_redis(self) -> None:
        redis.Redis.from_url(self.local.redis_url).flushall()

    def _crash_postgres(self) -> None:
        if process := postgres.find(self.local):
            process.kill()
            process.wait()
        within(30, self._postgres_starts)

    def _postgres_starts(self) -> bool:
        """Not while a left-over backend still holds the shared memory."""
        with contextlib.suppress(ServiceError), services.running(self.local):
            return True
        return False

    def _await_standstill(self) -> None:
        """Until all jobs are done, or nothing has happened for long."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < STANDSTILL_SECONDS[self.plan.sweeper]:
            if self._count("chaos_outcome") == self.plan.jobs:
                return
            if (runs := self._count("chaos_run")) != seen:
                seen, since = runs, time.monotonic()
            time.sleep(0.2)

    def _start_worker(self) -> None:
        """Every other one acknowledges late: nothing may rest on when a message is acknowledged."""
        self.worker_starts += 1
        self._start("worker", parts.worker, self.plan.concurrency, bool(self.worker_starts % 2))

    def _start(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        log = self.local.folder / f"{name}.log"
        process = self.context.Process(target=parts.alone, args=(log, target, *arguments))
        process.start()
        self.processes[name] = process

    def _kill(self, name: str) -> None:
        """The whole process group at once, as a power cut does."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):  # it has no group yet: it has only just begun
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.kill()
        process.join()

    def _report(self, seconds: float) -> Report:
        starts: dict[int, list[datetime]] = defaultdict(list)
        for number, at in self._rows("SELECT number, at FROM chaos_run ORDER BY at"):
            starts[number].append(at)
        outcomes = dict(self._rows("SELECT number, finished FROM chaos_outcome"))
        asked = dict(self._rows("SELECT number, at FROM chaos_asked"))
        return Report(
            jobs=len(asked),
            lost=len(asked.keys() - outcomes.keys()),
            finished_twice=sum(finished > 1 for finished in outcomes.values()),
            restarted=sum(len(times) > 1 for times in starts.values()),
            resumed=self._resumed([[at, *starts[number]] for number, at in asked.items()]),
            seconds=round(seconds, 1),
        )

    def _resumed(self, histories: list[list[datetime]]) -> dict[str, float]:
        longest = dict.fromkeys(("kill", "wipe", "crash"), 0.0)
        for history in histories:
            for earlier, later in pairwise(history):
                index = bisect_right(self.faults, (earlier, "~"))
                if index < len(self.faults) and self.faults[index][0] < later:
                    at, kind = self.faults[index]
                    longest[kind] = max(longest[kind], (later - at).total_seconds())
        return {kind: round(seconds, 1) for kind, seconds in longest.items()}

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.local.database_url(), autocommit=True) as connection:
            return connection.execute(sql).fetchall()
