"""The Celery application: `celery -A config worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("traveloure")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """A receiver keeps Celery from putting its own handlers beside those of settings.LOGGING."""


@heartbeat_sent.connect
def note_worker(**_: Any) -> None:
    from config import health  # noqa: PLC0415  # models and settings are not there when this module is imported

    health.note_worker()
