"""The processes that the supervisor looks after."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import psutil

from config.local.paths import BASE_DIR

GRACE_SECONDS = 10
POLITE = 15
LONGEST_PAUSE_SECONDS = 30.0
# On macOS a forked process that is the first to touch Objective-C (a proxy, the keychain) would be ended at once.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
CELERY = ["-m", "celery", "-A", "config", "--quiet"]


class Part:
    """A process in a session of its own: Ctrl-C reaches the supervisor alone, which stops its parts in order."""

    def __init__(self, name: str, arguments: list[str], *, politely: bool = False) -> None:
        """`politely`: other parts come first where the processor is busy."""
        self.name = name
        self.politely = politely
        self.command = [*(["nice", "-n", str(POLITE)] if politely else []), sys.executable, *arguments]
        self.process: subprocess.Popen[str] | None = None
        self.pause = 0.5
        self.started = self.due = 0.0

    def revive(self) -> bool:
        """Start it if it does not run, less and less often if it keeps dying. True if started now."""
        if self.process and self.process.poll() is None:
            return False
        if self.process:
            self._bury(self.process)
        if time.monotonic() < self.due:
            return False
        self._start()
        return True

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def wait(self) -> None:
        """Until it has ended, by itself within the grace time or killed after it."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_SECONDS)
            _kill_group(self.process.pid)

    def _start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=BASE_DIR,
            env=os.environ | ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        if self.politely:
            _step_back(self.process.pid)
        threading.Thread(target=_relay, args=(self.name, self.process.stdout), daemon=True).start()

    def _bury(self, process: subprocess.Popen[str]) -> None:
        _kill_group(process.pid)
        self.process = None
        lived = time.monotonic() - self.started
        self.pause = 1.0 if lived > LONGEST_PAUSE_SECONDS else min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.due = time.monotonic() + self.pause
        say(f"{self.name} ended with code {process.returncode}; it starts again in {self.pause:.0f} s.")


def _step_back(pid: int) -> None:
    """Each part is a session, and Linux shares the processor among sessions first: there `nice` alone says nothing."""
    with contextlib.suppress(OSError):  # not Linux, or built without it
        Path(f"/proc/{pid}/autogroup").write_text(str(POLITE))


def all_parts(port: int) -> list[Part]:
    """In the order in which they stop: nothing new comes in, nothing new is planned, the work in hand ends."""
    return [
        Part("web", ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]),
        Part("beat", [*CELERY, "beat"]),
        *workers(),
    ]


def workers() -> list[Part]:
    """Questions to models take seconds to minutes: they have a worker of their own, so that nobody's list waits.

    Nearly all of that time they wait for the provider, so threads do, and ten experts needn't wait for each other.
    """
    work = "worker --queues default,mail,sweep --hostname work@%h --concurrency 2".split()
    models = "worker --queues llm --hostname models@%h --concurrency 16 --pool threads".split()
    quiet = ["--without-gossip", "--without-mingle"]
    # Short jobs: fetching each message only after the one before would take as long again as the work.
    ahead = ["--prefetch-multiplier", "4"]
    return [
        Part("worker", [*CELERY, *work, *quiet, *ahead]),
        Part("models", [*CELERY, *models, *quiet], politely=True),
    ]


def say(text: str, name: str = "run") -> None:
    sys.stdout.write(f"{name:<6} | {text}\n")
    sys.stdout.flush()


def remember(parts: list[Part], file: Path) -> None:
    """Write down who runs, so that the next start can end them if this supervisor is killed."""
    running = []
    for part in parts:
        with contextlib.suppress(psutil.NoSuchProcess):  # one that has just died; it starts again soon
            if part.process:
                running.append([part.process.pid, psutil.Process(part.process.pid).create_time()])
    file.write_text(json.dumps(running))


def end_orphans(file: Path) -> None:
    """End the parts of a supervisor that was killed. The creation time tells them from later owners of the number."""
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):  # it may be half written
        for pid, created in json.loads(file.read_text()):
            with contextlib.suppress(psutil.NoSuchProcess):
                if psutil.Process(pid).create_time() == created:
                    _kill_group(pid)
    file.unlink(missing_ok=True)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _relay(name: str, lines: IO[str]) -> None:
    for line in lines:
        say(line.rstrip(), name)
