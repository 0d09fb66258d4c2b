import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings

from tests import services


def pytest_configure(config: pytest.Config) -> None:
    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the settings must be read after the servers start.")
    stack = ExitStack()
    config.add_cleanup(stack.close)
    services.start(stack)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Read by now. The processes of pytest-xdist would take it as an order to read them at once.
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    """Limits, cache and queues start empty."""
    yield
    services.empty_redis()
