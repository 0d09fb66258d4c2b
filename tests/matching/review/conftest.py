"""A model that reviews experts, over a real connection: the loopback provider with a mind of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.matching.review.minds import Mind
from tests.provider import Provider, point


@pytest.fixture
def kyoto() -> Any:
    from tests.factories import make_market  # the settings are read by now

    return make_market()


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    from llm import switches

    switches.forget()
    with Provider() as running:
        point(settings, running.url)
        settings.LLM_TIERS = {"fast": [], "reasoning": ["xai/grok-4.7"]}
        yield running


@pytest.fixture
def mind(provider: Provider) -> Mind:
    """What the model thinks, to be changed by the test."""
    provider.mind = found = Mind()
    return found


@pytest.fixture
def reviewed() -> Callable[[Any], Any]:
    """Match a trip with all that follows, as workers do."""
    from matching import services
    from matching.models import MatchRun
    from tests.worker import run_jobs

    def run(trip: Any) -> MatchRun:
        asked = services.request_match(trip)
        run_jobs()
        return MatchRun.objects.with_parts().get(pk=asked.pk)

    return run
