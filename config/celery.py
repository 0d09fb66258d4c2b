"""The Celery application: `celery -A config worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging, task_postrun, worker_init
from django.db import close_old_connections
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("traveloure")
app.config_from_object("django.conf:settings", namespace="CELERY")
# A connection of its own for each job would be a new Postgres process each time, which reads the whole catalogue anew.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """A receiver keeps Celery from putting its own handlers beside those of settings.LOGGING."""


@task_postrun.connect
def drop_dead_connections(**_: Any) -> None:
    """The next job must not find what a crash of Postgres left of the connection."""
    close_old_connections()


@worker_init.connect
def load_what_is_slow(**_: Any) -> None:
    """Once before the pool is made, for all its processes."""
    from config import warmup  # noqa: PLC0415  # as below

    warmup.worker()


@heartbeat_sent.connect
def note_worker(**_: Any) -> None:
    from config import health  # noqa: PLC0415  # models and settings are not there when this module is imported

    health.note_worker()
