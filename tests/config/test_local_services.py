"""The embedded servers, with real processes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import psutil
import psycopg
import pytest
import redis

from config import env
from config.local import postgres, redis_server, services
from config.local.paths import SOCKET_PATH_BYTES, Local, within
from config.local.services import running


@pytest.fixture(scope="module")
def cluster() -> Iterator[Local]:
    """Initialised once and stopped; the blank in its path is there on purpose."""
    folder = Path(tempfile.mkdtemp(prefix="traveloure test ", dir="/tmp"))
    with running(Local(folder, throwaway=True)):
        pass
    yield Local(folder, throwaway=True)
    shutil.rmtree(folder)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen]:
    """A program of the user that runs Postgres."""
    with subprocess.Popen(["sleep", "600"], **postgres.as_user()) as process:
        yield process
        process.kill()


def ask(local: Local, sql: LiteralString) -> Any:
    with psycopg.connect(local.database_url(), autocommit=True) as connection:
        [answer] = connection.execute(sql).fetchall()
        return answer[0]


def the(process: psutil.Process | None) -> psutil.Process:
    assert process
    return process


def test_two_folders_share_nothing():
    near, far = Local(Path("/srv/a")), Local(Path("/srv/b"))
    assert near.database_url() != far.database_url()
    assert near.redis_url != far.redis_url


def test_a_deep_folder_gets_short_sockets_of_its_own():
    near, far = Local(Path("/srv", "deep" * 30, "a")), Local(Path("/srv", "deep" * 30, "b"))
    assert near.sockets != far.sockets
    assert len(os.fsencode(near.sockets / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES


def test_the_servers_of_a_deep_folder_answer_and_leave_no_socket_behind(cluster):
    deep = Local(cluster.folder / ("deep" * 20) / ("deeper" * 20), throwaway=True)
    with running(deep):
        assert postgres.answers(deep)
        assert redis_server.answers(deep)
    assert not deep.sockets.exists()


def test_servers_are_found_by_any_name_of_their_folder(cluster, tmp_path):
    """As on macOS, where /tmp is a link."""
    (tmp_path / "link").symlink_to(cluster.folder)
    linked = Local(tmp_path / "link", throwaway=True)
    with running(linked, [redis_server]):
        assert the(redis_server.find(linked)) == redis_server.find(cluster)


def test_postgres_does_not_ask_in_which_language_its_terminal_is(cluster, monkeypatch):
    """On macOS it would not start."""
    monkeypatch.delenv("LC_ALL", raising=False)
    with running(cluster, [postgres]):
        assert the(postgres.find(cluster)).environ()["LC_ALL"] == "C"


def test_paths_are_computed_without_making_anything(tmp_path):
    local = Local(tmp_path / "local")
    assert local.database_url()
    assert local.redis_url
    assert not local.folder.exists()


def test_django_and_celery_read_the_addresses(cluster):
    assert env.database(cluster.database_url())["HOST"] == str(cluster.sockets)
    assert env.celery_url("unix:///run/redis.sock?db=3") == "redis+socket:///run/redis.sock?virtual_host=3"


def test_servers_stop_with_their_last_user(cluster):
    with running(cluster):
        with running(cluster):
            pass
        assert postgres.answers(cluster)
        assert redis_server.answers(cluster)
    assert postgres.find(cluster) is None
    assert redis_server.find(cluster) is None


def test_only_what_is_wanted_starts(cluster):
    with running(cluster, [redis_server]):
        assert redis_server.answers(cluster)
        assert postgres.find(cluster) is None


def test_data_survives_a_restart():
    with services.throwaway() as local:
        durable = Local(local.folder / "durable")
        with running(durable):
            with psycopg.connect(durable.database_url()) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
            redis.Redis.from_url(durable.redis_url).set("kept", "7")
        with running(durable):
            assert ask(durable, "SELECT number FROM kept") == 7
            assert redis.Redis.from_url(durable.redis_url).get("kept") == b"7"


def test_an_interrupted_first_start_repairs_itself():
    local = Local(Path(tempfile.mkdtemp(dir="/tmp")), throwaway=True)
    unfinished = local.folder / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    with running(local, [postgres]):
        assert ask(local, "SELECT 1") == 1
    shutil.rmtree(local.folder)


def test_postgres_starts_after_it_was_killed(cluster):
    with running(cluster, [postgres]):
        the(postgres.find(cluster)).kill()
        assert within(30, lambda: not postgres.find(cluster))
        services.revive(cluster, [postgres])
        assert ask(cluster, "SELECT 1") == 1


def test_postgres_starts_although_another_program_has_its_old_number(cluster, stranger):
    with running(cluster, [postgres]):
        lines = (cluster.pgdata / "postmaster.pid").read_text().splitlines()
    (cluster.pgdata / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
    with running(cluster, [postgres]):
        assert ask(cluster, "SELECT 1") == 1


@pytest.mark.parametrize("text", ["", "\n", "garbage"])
def test_postgres_starts_although_a_crash_left_nothing_of_its_number(cluster, text):
    (cluster.pgdata / "postmaster.pid").write_text(text)
    with running(cluster, [postgres]):
        assert ask(cluster, "SELECT 1") == 1


def test_redis_starts_although_another_program_has_its_old_number(cluster, stranger):
    (cluster.folder / "redis" / "pid").write_text(str(stranger.pid))
    with running(cluster, [redis_server]):
        assert redis_server.answers(cluster)
    assert stranger.poll() is None


def test_two_clones_run_side_by_side_and_stop_apart(cluster):
    with services.throwaway([redis_server]) as other:
        with running(cluster, [redis_server]):
            redis.Redis.from_url(cluster.redis_url).set("key", "one")
            assert redis.Redis.from_url(other.redis_url).get("key") is None
        assert redis_server.answers(other)


@pytest.mark.parametrize("file", ["users.lock", "services.lock"])
def test_a_lock_that_a_killed_process_left_holds_nobody_up(cluster, file):
    (cluster.folder / file).write_text("12345")
    with running(cluster, [redis_server]):
        assert redis_server.answers(cluster)


def test_servers_that_are_still_used_or_just_made_are_not_removed_as_abandoned():
    with services.throwaway([redis_server]) as used:
        os.utime(used.folder / "users.lock", (time.time() - 3600,) * 2)
        newborn = Path(tempfile.mkdtemp(prefix=services.THROWAWAY_PREFIX, dir=used.folder.parent))
        (newborn / "users.lock").touch()
        services.remove_abandoned()
        assert (redis_server.answers(used), newborn.exists()) == (True, True)
    shutil.rmtree(newborn)


def test_a_redis_whose_socket_vanished_is_replaced(cluster, monkeypatch):
    monkeypatch.setattr(services, "RECOVERY_SECONDS", 0)
    monkeypatch.setattr(redis_server, "STOP_SECONDS", 1)
    with running(cluster, [redis_server]):
        lost = the(redis_server.find(cluster))
        cluster.redis_socket.unlink()
        with running(cluster, [redis_server]):
            assert redis_server.answers(cluster)
            assert redis_server.find(cluster) != lost


def test_a_redis_that_hangs_is_replaced(cluster, monkeypatch):
    monkeypatch.setattr(services, "RECOVERY_SECONDS", 0)
    monkeypatch.setattr(redis_server, "STOP_SECONDS", 0)
    monkeypatch.setattr(redis_server, "ANSWER_SECONDS", 0.1)
    with running(cluster, [redis_server]):
        hung = the(redis_server.find(cluster))
        hung.send_signal(signal.SIGSTOP)
        with running(cluster, [redis_server]):
            assert redis_server.answers(cluster)
            assert redis_server.find(cluster) != hung


def test_the_servers_of_a_killed_test_run_are_removed():
    with services.throwaway([redis_server]) as local:
        orphan = Path(tempfile.mkdtemp(prefix=services.THROWAWAY_PREFIX, dir=local.folder.parent))
        (orphan / "users.lock").touch()
        os.utime(orphan / "users.lock", (time.time() - 3600,) * 2)
        services.remove_abandoned()
        assert not orphan.exists()
        assert redis_server.answers(local)
