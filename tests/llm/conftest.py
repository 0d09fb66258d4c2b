from collections.abc import Iterator
from typing import Any

import pytest

from tests.provider import Provider, point


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """A provider on loopback that all routes of the settings lead to."""
    from llm import switches  # the settings are read by now

    switches.forget()
    with Provider() as running:
        point(settings, running.url)
        yield running


@pytest.fixture
def one_route(settings: Any, provider: Provider) -> Provider:
    settings.LLM_TIERS = {"fast": ["xai/grok-4.3"], "reasoning": ["xai/grok-4.7"]}
    return provider


@pytest.fixture
def two_routes(settings: Any, provider: Provider) -> Provider:
    settings.LLM_TIERS = {"fast": ["xai/grok-4.3", "anthropic/claude-haiku-5-5"], "reasoning": []}
    return provider
