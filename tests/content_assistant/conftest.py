from typing import Any

import pytest

from tests.llm.conftest import provider  # noqa: F401  # a fixture


@pytest.fixture(autouse=True)
def routes(settings: Any) -> None:
    """One for each tier, which answers once `provider` runs."""
    settings.LLM_TIERS = {"fast": ["xai/grok-4.3"], "reasoning": ["xai/grok-4.7"]}
