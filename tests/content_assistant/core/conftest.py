from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tools stand in for the real ones."""
    from content_assistant import examining
    from content_assistant.tools import TOOLS
    from tests.content_assistant.core import tool  # the settings are read by now

    for name in list(TOOLS):
        monkeypatch.delitem(TOOLS, name)
    for one in tool.TOOLS:
        monkeypatch.setitem(TOOLS, one.name, one)
    monkeypatch.setattr(examining, "claimers", [tool.years])


@pytest.fixture
def expert(client: Any) -> Any:
    """Signed in."""
    from tests.factories import make_expert

    found = make_expert(name="Mei Tanaka", headline="Gardens after rain", bio="The old bio.")
    client.force_login(found.user)
    return found


@pytest.fixture
def asked(expert: Any) -> Callable[..., Any]:
    """A draft as the page asks for it."""
    from content_assistant import drafting

    def ask(tool: str = "bio", key: str = "k1", **answers: Any) -> Any:
        answers = {"language": "en"} | answers
        return drafting.request(expert=expert, by=expert.user, tool=tool, answers=answers, key=key)[0]

    return ask


@pytest.fixture
def written(asked: Callable[..., Any]) -> Callable[..., Any]:
    """A draft whose first text is there."""
    from tests.worker import run_jobs

    def write(*args: Any, **more: Any) -> Any:
        draft = asked(*args, **more)
        run_jobs()
        draft.refresh_from_db()
        return draft

    return write
