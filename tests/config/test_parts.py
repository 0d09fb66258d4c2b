"""The processes of `make run`, one at a time."""

import json

import psutil

from config.local.parts import Part, remember


def started(code):
    part = Part("test", ["-c", code])
    part.revive()
    assert part.process
    return part, part.process


def test_one_that_has_just_died_is_not_remembered(tmp_path):
    (alive, living), (dead, dying) = started("import time; time.sleep(60)"), started("")
    dying.wait(10)
    remember([dead, alive], tmp_path / "parts.json")
    kept = json.loads((tmp_path / "parts.json").read_text())
    assert kept == [[living.pid, psutil.Process(living.pid).create_time()]]
    alive.terminate()
    alive.wait()
