"""The broker as jobs/ sees it: it may take a message, and it may be away. It is asked briefly and rarely then."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from celery import current_app
from kombu import Producer
from kombu.exceptions import OperationalError
from kombu.pools import producers
from redis.exceptions import RedisError

from jobs.errors import BrokerDown
from jobs.models import Job

log = structlog.get_logger(__name__)

# A request waits at most this long for a broker that hangs …
PATIENCE = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "max_retries": 0}
# … and one request per process and this many seconds, not each of them.
REST_SECONDS = 5.0
_resting_until = 0.0


def send(producer: Producer, job: Job) -> None:
    current_app.send_task(job.kind, [job.pk], queue=job.queue, producer=producer, retry=False)


def depth(producer: Producer, queue: str) -> int:
    """How many messages wait in a queue."""
    channel: Any = producer.channel
    return int(channel.queue_declare(queue=queue).message_count)


@contextmanager
def connected() -> Iterator[Producer]:
    """A producer for the block. BrokerDown: it was, or it is since something in the block failed."""
    global _resting_until
    if time.monotonic() < _resting_until:
        raise BrokerDown
    connection = current_app.connection_for_write(transport_options=PATIENCE)
    try:
        with producers[connection].acquire(block=True) as producer:
            yield producer
    except (OperationalError, RedisError, OSError) as error:
        _resting_until = time.monotonic() + REST_SECONDS
        log.warning("broker_down", error=str(error), rest_seconds=REST_SECONDS)
        raise BrokerDown from error
