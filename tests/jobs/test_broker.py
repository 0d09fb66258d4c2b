import os

import pytest
import redis
from celery import current_app

from config.local import redis_server
from config.local.paths import Local
from config.local.services import throwaway
from jobs import broker, tasks
from jobs.models import Job
from tests.hung import hung_server
from tests.jobs.samples import store
from tests.jobs.test_durable import messages
from tests.jobs.test_sweep import make_due, sent_ids

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def use_broker(monkeypatch):
    """Let Celery write to another broker."""

    def use(url):
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)
        monkeypatch.setattr(broker, "_resting_until", 0.0)

    return use


@pytest.fixture
def hung_redis():
    with hung_server() as server:
        yield server


def test_without_redis_the_request_succeeds_and_the_sweeper_sends_the_message_later(use_broker):
    usual = current_app.conf.broker_write_url
    use_broker("redis://127.0.0.1:1/0")
    job = store.enqueue(name="a")
    assert (Job.objects.due().get(), messages()) == (job, [])
    use_broker(usual)
    tasks.sweep()
    assert sent_ids() == [job.pk]


def test_a_hung_redis_is_asked_by_one_request_and_not_by_the_next(use_broker, hung_redis):
    use_broker(hung_redis.redis_url)
    jobs = [store.enqueue(name="a"), store.enqueue(name="b"), store.enqueue(name="c")]
    assert hung_redis.visits() == 1
    assert list(Job.objects.due().order_by("pk")) == jobs


def test_it_is_asked_again_after_a_rest(use_broker, hung_redis, monkeypatch):
    use_broker(hung_redis.redis_url)
    store.enqueue(name="a")
    monkeypatch.setattr(broker, "REST_SECONDS", 0.0)
    monkeypatch.setattr(broker, "_resting_until", 0.0)
    store.enqueue(name="b")
    store.enqueue(name="c")
    assert hung_redis.visits() == 3


def test_a_sweep_without_redis_leaves_the_jobs_due(use_broker):
    use_broker("redis://127.0.0.1:1/0")
    job = store.enqueue(name="a")
    tasks.sweep()
    assert Job.objects.due().get() == job


@pytest.fixture
def full_redis():
    """Takes no more: its memory is used up, and the broker's must never evict."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.config_set("maxmemory", "1")
    yield client
    client.config_set("maxmemory", "0")


def test_a_full_redis_is_away_until_it_has_room(full_redis, monkeypatch):
    job = store.enqueue(name="a")
    assert (Job.objects.due().get(), messages()) == (job, [])
    full_redis.config_set("maxmemory", "0")
    monkeypatch.setattr(broker, "_resting_until", 0.0)
    tasks.sweep()
    assert sent_ids() == [job.pk]


def test_a_wiped_redis_gets_its_messages_again():
    jobs = [store.enqueue(name="a"), store.enqueue(name="b")]
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
    make_due(*jobs)
    tasks.sweep()
    assert sent_ids() == [job.pk for job in jobs]


def test_messages_of_some_jobs_that_went_out_are_not_sent_again(monkeypatch):
    """The broker fails in the middle of a sweep."""
    jobs = [store.enqueue(name=name) for name in "abc"]
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
    make_due(*jobs)
    send = broker.send

    def fail_at_the_second(producer, job):
        if job == jobs[1]:
            raise ConnectionResetError
        send(producer, job)

    monkeypatch.setattr(broker, "send", fail_at_the_second)
    tasks.sweep()
    assert sent_ids() == [jobs[0].pk]
    assert list(Job.objects.due().order_by("pk")) == jobs[1:]


def test_messages_go_out_again_as_soon_as_redis_is_back(use_broker):
    with throwaway([redis_server]) as local:
        use_broker(f"redis+socket://{local.redis_socket}")
        store.enqueue(name="a")
        restart(local)
        store.enqueue(name="b")
        assert redis_server._client(local).llen("default") == 1


def restart(local: Local) -> None:
    redis_server.stop(local)
    redis_server.start(local)
