from typing import Any

import structlog
from django.apps import AppConfig
from django.http import HttpRequest
from django_structlog import signals

from config import client


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        signals.bind_extra_request_metadata.connect(bind_address)
        signals.bind_extra_request_finished_metadata.connect(bind_user)
        signals.bind_extra_request_failed_metadata.connect(bind_user)


def bind_address(request: HttpRequest, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(ip=client.address(request))


def bind_user(request: HttpRequest, **_: Any) -> None:
    """Whom the page has asked for. The log itself asks nobody: it may be the database that failed."""
    user = getattr(request, "_cached_user", None)
    if user and user.pk:
        structlog.contextvars.bind_contextvars(user_id=user.pk)
