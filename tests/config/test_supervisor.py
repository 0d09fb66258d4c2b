"""`make run` with real processes."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.local import postgres, redis_server
from config.local.paths import BASE_DIR, Local, within
from config.local.supervisor import only_supervisor


class Run:
    """One `python -m config.local` and what it said."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.local = Local(folder)
        self.port = environment.setdefault("PORT", str(free_port()))
        clean = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.local"],
            cwd=BASE_DIR,
            env=clean | {"TRAVELOURE_LOCAL_DIR": str(folder)} | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip())

    def says(self, *words: str, times: int = 1, seconds: float = 300) -> bool:
        """Whether so many lines with all these words come in time."""
        return within(
            seconds, lambda: sum(all(word in line for word in words) for line in self.lines) >= times
        )

    def output(self) -> list[str]:
        """All it said, once it has ended."""
        self.reader.join(5)
        return [line.removeprefix("run    | ") for line in self.lines]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def pid_of(self, *words: str) -> int:
        """Zero if no part's command has these words."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if set(words) <= set(child.cmdline())), 0)

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=60)
        connection.request("GET", path)
        return connection.getresponse().status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [
        process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture
def folder() -> Iterator[Path]:
    # The blank is there on purpose.
    folder = Path(tempfile.mkdtemp(prefix="traveloure run ", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_everything_starts_recovers_and_stops(folder):
    first = Run(folder)
    assert first.says(f"Traveloure is open at http://localhost:{first.port}")
    assert first.says("traveler@traveloure.example, expert@traveloure.example, staff@traveloure.example")
    killed = first.pid_of("celery", "worker")
    os.kill(killed, signal.SIGKILL)
    os.kill(int((folder / "redis" / "pid").read_text()), signal.SIGKILL)
    assert first.says("worker ended with code -9; it starts again in 1 s.")
    assert within(60, lambda: first.pid_of("celery", "worker") not in {0, killed})
    orphans = psutil.Process(first.process.pid).children()
    first.end(signal.SIGKILL)

    second = Run(folder, PORT=first.port)
    assert second.says("Traveloure is open")
    assert second.get("/") == 200
    assert not alive(orphans)
    assert not second.says("Loading", seconds=0)
    family = psutil.Process(second.process.pid).children(recursive=True)
    assert second.end() == 0
    assert not alive(family)
    assert postgres.find(second.local) is None
    assert redis_server.find(second.local) is None


def test_a_second_one_in_the_same_folder_is_refused(folder):
    with only_supervisor(Local(folder)):
        run = Run(folder)
        assert run.process.wait(90) == 1
    assert run.says("Traveloure already runs from this folder. Stop that one first.", seconds=5)


def test_a_taken_port_is_one_sentence(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = Run(folder, PORT=str(port))
        assert run.process.wait(90) == 1
    sentence = f"Port {port} is taken. Stop what uses it, or choose another: PORT={port + 1} make run"
    assert run.output() == [sentence]


@pytest.mark.parametrize(
    ("environment", "beginning"),
    [
        (
            {"DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"},
            "DATABASE_URL: no Postgres at 127.0.0.1:1 (connection failed: ",
        ),
        (
            {"DATABASE_URL": "db.example", "REDIS_URL": "redis://127.0.0.1:1"},
            "DATABASE_URL cannot be read. Set it",
        ),
        (
            {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": "redis://127.0.0.1:1"},
            "REDIS_URL: no Redis at",
        ),
        (
            {
                "DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/x?connect_timeout=soon",
                "REDIS_URL": "redis://x",
            },
            "DATABASE_URL: no Postgres at 127.0.0.1:1 (bad value for connect_timeout: 'soon').",
        ),
        (
            {"TRAVELOURE_LOCAL_DIR": "/dev/null"},
            "/dev/null cannot be used (File exists). Set TRAVELOURE_LOCAL_DIR to",
        ),
        ({"PORT": "eighty"}, "PORT='eighty' is not a whole number"),
    ],
)
def test_a_wrong_environment_is_one_sentence(folder, environment, beginning):
    run = Run(folder, **environment)
    assert run.process.wait(90) == 1
    [sentence] = run.output()
    assert sentence.startswith(beginning)
    assert "hunter2" not in sentence
