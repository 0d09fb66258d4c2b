"""The processes under the supervisor, one by one."""

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

from config.local import parts
from config.local.parts import Part, end_orphans, remember
from config.local.paths import within

FOR_EVER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FOR_EVER
WITH_CHILD = "import subprocess, sys; subprocess.Popen(['sleep', '600']); " + FOR_EVER


@pytest.fixture
def part():
    """Starts a Python program as a part."""
    started: list[Part] = []

    def start(program):
        started.append(Part("job", ["-c", program]))
        assert started[-1].revive()
        return started[-1]

    yield start
    for one in started:
        if one.process:
            parts._kill_group(one.process.pid)
            one.process.wait()


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""
    now = [1000.0]
    monkeypatch.setattr("config.local.parts.time.monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def heard(capsys, text):
    said = []

    def more():
        said.append(capsys.readouterr().out)
        return text in "".join(said)

    return within(30, more)


def ended(part):
    part.process.wait(10)
    return part


def test_what_runs_is_left_alone(part):
    assert part(FOR_EVER).revive() is False


def test_what_a_part_says_is_told_with_its_name(part, capsys):
    part("print('hello')")
    assert heard(capsys, "job    | hello\n")


def test_bytes_that_are_no_text_do_not_silence_a_part(part, capsys):
    part(r"import sys; sys.stdout.buffer.write(b'\xff\n'); print('still here')")
    assert heard(capsys, "still here")


def test_errors_are_told_as_well(part, capsys):
    part("import sys; print('trouble', file=sys.stderr)")
    assert heard(capsys, "job    | trouble")


def test_a_part_that_keeps_dying_starts_again_less_and_less_often(part, clock):
    one = part("exit(3)")
    pauses = []
    for _ in range(8):
        ended(one).revive()
        pauses.append(one.pause)
        assert one.revive() is False
        clock(one.pause)
        assert one.revive() is True
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_one_that_lived_long_starts_again_soon(part, clock):
    one = part("exit(3)")
    one.pause = 16.0
    clock(31)
    ended(one).revive()
    assert one.pause == 1


def test_a_death_is_told_with_its_code(part, capsys, clock):
    ended(part("exit(3)")).revive()
    assert heard(capsys, "run    | job ended with code 3; it starts again in 1 s.")


def test_a_part_that_dies_takes_its_children_along(part, capsys):
    one = part(WITH_CHILD)
    assert heard(capsys, "up")
    [child] = psutil.Process(one.process.pid).children()
    one.process.kill()
    ended(one).revive()
    assert within(30, lambda: gone(child.pid))


def test_one_that_does_not_listen_is_killed_after_the_grace_time(part, capsys, monkeypatch):
    monkeypatch.setattr(parts, "GRACE_SECONDS", 0.2)
    one = part(DEAF)
    assert heard(capsys, "up")
    one.terminate()
    one.wait()
    assert within(30, lambda: gone(one.process.pid))


def test_one_that_listens_ends_by_itself(part, capsys):
    one = part(FOR_EVER)
    assert heard(capsys, "up")
    one.terminate()
    one.wait()
    assert one.process.returncode == -signal.SIGTERM


def test_one_that_never_started_needs_no_end():
    one = Part("job", ["-c", FOR_EVER])
    one.terminate()
    one.wait()


# What a killed supervisor leaves behind


def test_orphans_are_ended_and_forgotten(part, tmp_path):
    one, file = part(FOR_EVER), tmp_path / "parts.json"
    remember([one, Part("never", [])], file)
    end_orphans(file)
    assert within(30, lambda: gone(one.process.pid))
    assert not file.exists()


def test_one_that_has_just_died_is_not_remembered(part, tmp_path):
    living, dead = part(FOR_EVER), ended(part("pass"))
    remember([dead, living], tmp_path / "parts.json")
    running = psutil.Process(living.process.pid)
    assert json.loads((tmp_path / "parts.json").read_text()) == [[running.pid, running.create_time()]]


def test_another_program_that_has_the_old_number_lives(tmp_path):
    file = tmp_path / "parts.json"
    with subprocess.Popen([sys.executable, "-c", FOR_EVER], start_new_session=True) as stranger:
        file.write_text(json.dumps([[stranger.pid, time.time() - 3600]]))
        end_orphans(file)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("text", ["", "[[1", "5", "[[1]]", '{"a": 1}', "null", "[[999999999, 1.0]]"])
def test_a_list_that_cannot_be_read_is_forgotten(tmp_path, text):
    file = tmp_path / "parts.json"
    file.write_text(text)
    end_orphans(file)
    assert not file.exists()
    end_orphans(file)


def test_the_parts_are_web_beat_and_workers_of_every_queue(settings):
    commands = {one.name: one.command for one in parts.all_parts(8123)}
    assert list(commands) == ["web", "beat", "worker", "models"]
    assert "127.0.0.1:8123" in commands["web"]
    served = [
        queue
        for name in ("worker", "models")
        for queue in commands[name][commands[name].index("--queues") + 1].split(",")
    ]
    assert sorted(served) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)


def test_no_question_to_a_model_makes_other_work_wait():
    commands = {one.name: one.command for one in parts.all_parts(8123)}
    assert "llm" not in commands["worker"][commands["worker"].index("--queues") + 1]
    assert commands["models"][0] == "nice"
