import pytest

from llm import redis
from llm.redis import Away, Script
from tests import logs
from tests.hung import hung_server
from tests.processes import in_processes
from tests.threads import at_once


@pytest.fixture(autouse=True)
def own_servers():
    """Nothing that another test's outage left behind."""
    redis._server.cache_clear()
    yield
    redis._server.cache_clear()


def connection_id():
    return redis.books().run("CLIENT", "ID")


def test_a_thread_keeps_its_connection_and_shares_it_with_nobody():
    mine = connection_id()
    others = at_once(connection_id, times=5)
    assert connection_id() == mine
    assert len({mine, *others}) == 6


def test_a_fork_opens_its_own_connection_and_leaves_its_parents_alone():
    mine = connection_id()
    others = in_processes(connection_id, times=3)
    assert len({mine, *others}) == 4
    assert connection_id() == mine


def test_replies_come_in_the_order_of_the_commands():
    redis.cache().run("SET", "name", "Zoë")
    assert redis.cache().run_all([("GET", "name"), ("GET", "none"), ("STRLEN", "name")]) == [
        "Zoë".encode(),
        None,
        4,
    ]


def test_a_script_is_sent_to_a_server_that_does_not_know_it():
    script = Script("return {KEYS[1], ARGV[1]}")
    for _ in range(2):
        assert redis.books().eval(script, ["k"], ["a"]) == [b"k", b"a"]
    redis.books().run("SCRIPT", "FLUSH")
    assert redis.books().eval(script, ["k"], ["a"]) == [b"k", b"a"]


def test_a_broken_connection_is_opened_anew():
    killed = connection_id()
    at_once(lambda: redis.books().run("CLIENT", "KILL", "ID", killed), times=1)
    assert connection_id() != killed


def test_what_redis_refuses_is_told_and_the_connection_goes_on(caplog):
    mine = connection_id()
    redis.books().run("SET", "text", "a")
    with pytest.raises(Away):
        redis.books().run_all([("INCR", "text"), ("GET", "text")])
    assert logs.names(caplog) == ["llm_redis_refused"]
    assert (redis.books().run("GET", "text"), connection_id()) == (b"a", mine)


def test_a_late_reply_answers_no_other_command(monkeypatch):
    monkeypatch.setattr(redis, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(redis, "REST_SECONDS", 0)
    with pytest.raises(Away):
        redis.books().run("BLPOP", "never", "1")
    assert redis.books().run("ECHO", "hello") == b"hello"


def test_a_command_may_keep_us_waiting_when_it_says_so(monkeypatch):
    monkeypatch.setattr(redis, "PATIENCE_SECONDS", 0.5)
    assert redis.books().run("BLPOP", "never", "0.6", blocks=0.6) is None


def test_a_server_that_hangs_is_asked_once_in_a_while(settings, monkeypatch, caplog):
    monkeypatch.setattr(redis, "PATIENCE_SECONDS", 0.05)
    with hung_server() as server:
        settings.REDIS_URL = server.redis_url
        for _ in range(3):
            with pytest.raises(Away):
                redis.books().run("PING")
        assert server.visits() == 1
    assert logs.names(caplog) == ["llm_redis_away"]


def test_one_server_away_does_not_keep_us_from_the_other(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(Away):
        redis.books().run("PING")
    assert redis.cache().run("PING") == b"PONG"
