from collections.abc import Iterator
from typing import Any

import pytest

from tests.provider import Provider, point


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """A provider on loopback that all routes of the settings lead to."""
    with Provider() as running:
        point(settings, running.url)
        yield running
