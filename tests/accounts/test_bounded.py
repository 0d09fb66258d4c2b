"""What reads untrusted bytes can harm nothing but itself."""

import os
import time
from threading import BoundedSemaphore

import pytest

from accounts import bounded

LIMITS = {"memory": 256 * 1024**2, "cpu": 5, "seconds": 20}


def ran(tmp_path, script, *arguments, data=b"", **limits):
    file = tmp_path / "script.py"
    file.write_text(script)
    return bounded.run(file, *arguments, data=data, **LIMITS | limits)


def test_it_gets_the_bytes_and_its_arguments_and_answers(tmp_path):
    script = "import sys; print(sys.argv[1:], sys.stdin.buffer.read())"
    done = ran(tmp_path, script, "a", "b", data=b"\x00x")
    assert (done.output, done.code) == (b"['a', 'b'] b'\\x00x'\n", 0)


def test_it_has_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "sesame")
    done = ran(tmp_path, "import os; print(sorted(os.environ))")
    assert "SECRET_KEY" in os.environ
    assert b"SECRET_KEY" not in done.output


@pytest.mark.parametrize(
    ("script", "limits", "code"),
    [
        ("while True: pass", {"cpu": 1}, {-9, -24}),  # which signal it is, systems differ about
        ("import time; time.sleep(60)", {"seconds": 1}, {None}),
        ("bytearray(10**9)", {}, {1}),
        ("open(f'{__file__}.out', 'wb', buffering=0).write(b'x')", {}, {1}),
    ],
    ids=["counts for ever", "waits for ever", "takes memory", "writes files"],
)
def test_what_takes_too_much_is_ended_and_what_it_said_before_is_kept(tmp_path, script, limits, code):
    began = time.monotonic()
    done = ran(tmp_path, f"print('first', flush=True)\n{script}", **limits)
    assert done.output == b"first\n"
    assert done.code in code
    assert time.monotonic() - began < 15


def test_a_crowd_waits_and_hears_when_it_takes_too_long(tmp_path, monkeypatch):
    turns = BoundedSemaphore(1)
    monkeypatch.setattr(bounded, "_turns", turns)
    turns.acquire()
    with pytest.raises(bounded.Busy):
        ran(tmp_path, "", seconds=0.1)
    turns.release()
    assert ran(tmp_path, "").code == 0
    assert ran(tmp_path, "").code == 0  # the turn was given back
