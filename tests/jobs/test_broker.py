import pytest
from celery import current_app

from config.local import redis_server
from config.local.paths import Local
from config.local.services import throwaway
from jobs import broker, tasks
from jobs.models import Job
from tests.hung import hung_server
from tests.jobs.samples import store
from tests.jobs.test_durable import messages
from tests.jobs.test_sweep import sent_ids

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
