"""The figures read what content_assistant.learning notes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from content_assistant import analytics, learning
from content_assistant.models import Draft, Version
from content_assistant.tools import TOOLS
from tests.content_assistant.core import tool
from tests.factories import make_expert

pytestmark = pytest.mark.django_db
WROTE = "I walk with guests. We drink tea."


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    monkeypatch.setitem(TOOLS, "bio", next(one for one in tool.TOOLS if one.name == "bio"))


def test_what_is_noted_of_an_edited_draft_is_what_is_counted():
    made = timezone.now()
    draft = Draft.objects.create(expert=make_expert(), tool="bio", language="en", key="one")
    more = {"draft": draft, "state": "ready", "finished_at": made}
    Version.objects.create(
        number=1, origin="model", text=WROTE, prompt_version=3, cost=Decimal("0.25"), **more
    )
    edited = Version.objects.create(
        number=2, origin="expert", text="I walk with guests. We drink coffee.", **more
    )
    draft.outcome = learning.outcome(draft, edited, made + timedelta(minutes=10))
    draft.save()
    (row,) = analytics.rows(made - timedelta(days=1))
    assert (row.tool, row.origin, row.prompt_version) == ("bio", "model", 3)
    assert (row.as_is, row.edited, row.discarded) == (0, 1, 0)
    assert (row.distance, row.sentences_kept) == (1, 0.5)
    assert row.minutes == TOOLS["bio"].minutes - 10
    assert row.cost == Decimal("0.25")


def test_what_is_noted_of_a_discarded_draft_is_what_is_counted():
    made = timezone.now()
    draft = Draft.objects.create(expert=make_expert(), tool="bio", language="en", key="one")
    first = Version.objects.create(
        draft=draft, number=1, origin="offline", text=WROTE, state="ready", finished_at=made, prompt_version=1
    )
    draft.outcome = learning.discarded(draft, first)
    draft.save()
    (row,) = analytics.rows(made - timedelta(days=1))
    assert (row.origin, row.discarded, row.kept, row.cost_per_kept) == ("offline", 1, 0, None)
