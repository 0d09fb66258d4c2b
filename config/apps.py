from typing import Any

import structlog
from django.apps import AppConfig
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_metadata

from config import client


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        bind_extra_request_metadata.connect(bind_address)


def bind_address(request: HttpRequest, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(ip=client.address(request))
