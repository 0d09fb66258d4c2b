"""Scripts that read untrusted bytes, each in a process of its own, which may fail without anybody's harm.

`run` starts this very file in a process without Django and without an environment: it sets the limits and becomes the
script. What the script gets comes in by standard input, what it finds leaves by standard output.
"""

import resource
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

# Of each web process: the others wait, so that no crowd of files takes the machine's memory either.
_turns = BoundedSemaphore(2)


class Busy(Exception):
    """Others have all the turns, and for long."""


@dataclass(frozen=True)
class Outcome:
    """What it wrote, until it ended or was ended; `code` is 0 where it ended by itself and in peace."""

    output: bytes
    code: int | None
    said: str


def run(script: Path, *arguments: str, data: bytes, memory: int, cpu: int, seconds: float) -> Outcome:
    """`memory`: the most bytes it may have, `cpu`: the most seconds it may count, `seconds`: the most it may take."""
    if not _turns.acquire(timeout=seconds):
        raise Busy
    try:
        return _run([str(memory), str(cpu), str(script), *arguments], data, seconds)
    finally:
        _turns.release()


def _run(arguments: list[str], data: bytes, seconds: float) -> Outcome:
    # Isolated and without an environment: whatever breaks out of a reader finds no password there.
    command = [sys.executable, "-I", "-B", __file__, *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, env={}, check=False)
    except subprocess.TimeoutExpired as late:
        return Outcome(late.stdout or b"", None, "")
    return Outcome(done.stdout, done.returncode, done.stderr[-300:].decode(errors="replace"))


def _become(memory: str, cpu: str, script: str, *arguments: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    _become(*sys.argv[1:])
