from datetime import date

import pytest
from django.utils import timezone

from content_assistant import drafting
from content_assistant.models import Draft, Version
from content_assistant.prompts.itinerary import ITINERARY
from content_assistant.tools.itinerary import written
from tests.content_assistant.test_itineraries import facts
from tests.content_assistant.writers import offline
from tests.factories import make_expert

pytestmark = pytest.mark.django_db
PARAMS = {"destination": "Lisbon", "days": 3}


@pytest.fixture
def draft():
    expert = make_expert()
    made = Draft.objects.create(expert=expert, tool="itinerary", language="en", params=PARAMS, key="k")
    output = written(offline(ITINERARY, facts()))
    Version.objects.create(
        draft=made, number=1, state="ready", origin="offline", text=output.text, data=output.data,
        finished_at=timezone.now(),
    )  # fmt: skip
    return made


def url(draft):
    return f"/expert/assistant/{draft.pk}/itinerary/"


def post(client, draft, kind, **fields):
    return client.post(url(draft), {"as": kind, "fill-client-name": "Ada <b>", "fill-hotel": "Casa"} | fields)


def test_the_page_shows_days_marks_and_a_field_for_each_placeholder(client, draft):
    client.force_login(draft.expert.user)
    page = client.get(url(draft)).content.decode()
    assert "Market morning" in page
    assert "(check: opening days)" in page
    assert page.count('name="fill-hotel"') == 1


def test_filled_in_it_is_for_this_client_and_stored_nowhere(client, draft):
    client.force_login(draft.expert.user)
    page = post(client, draft, "print").content.decode()
    assert "Prepared for Ada &lt;b&gt;, staying at Casa." in page
    assert "[CLIENT NAME]" in client.get(url(draft)).content.decode()
    assert "Ada" not in Version.objects.get().text


def test_markdown_and_calendar_are_files(client, draft):
    client.force_login(draft.expert.user)
    text = post(client, draft, "markdown")
    assert text["Content-Disposition"].endswith('.md"')
    assert "staying at Casa." in text.content.decode()
    calendar = post(client, draft, "calendar", start=date(2027, 5, 1).isoformat())
    assert calendar["Content-Type"].startswith("text/calendar")
    assert calendar.content.count(b"BEGIN:VEVENT") == 9


def test_a_calendar_without_a_first_day_is_asked_for_it(client, draft):
    client.force_login(draft.expert.user)
    page = post(client, draft, "calendar")
    assert page["Content-Type"].startswith("text/html")
    assert "a calendar needs dates" in page.content.decode()


def edited(draft):
    text = (
        Version.objects.get(draft=draft, number=1)
        .text.replace("- **Market morning**", "- **Fish auction**")
        .replace("### Afternoon", "Bring [SHOE SIZE] boots.\n\n### Afternoon", 1)
    )
    return drafting.save(draft=draft, by=draft.expert.user, text=text, number=1)


def titles(data):
    parts = ("morning", "afternoon", "evening", "eat", "notes", "instead")
    return [option["title"] for day in data["days"] for part in parts for option in day[part]]


def test_an_edit_is_what_is_stored_shown_and_exported(client, draft):
    client.force_login(draft.expert.user)
    version = edited(draft)
    assert "Fish auction" in titles(version.data)
    assert "Market morning" not in titles(version.data)
    shown = [
        client.get(url(draft)).content,
        post(client, draft, "print").content,
        post(client, draft, "markdown").content,
        post(client, draft, "calendar", start="2027-05-01").content.replace(b"\r\n ", b""),
        client.get(f"/expert/content-assistant/drafts/{draft.pk}").content,
    ]
    for one in shown:
        assert b"Fish auction" in one
        assert b"Market morning" not in one


def test_a_line_that_is_no_choice_is_kept_and_told(client, draft):
    client.force_login(draft.expert.user)
    [told] = [one for one in edited(draft).findings if one["rule"] == "unread"]
    assert "“Bring [SHOE SIZE] boots.”" in told["message"]
    assert not told["blocks"]
    text = post(client, draft, "markdown", **{"fill-shoe-size": "size 43"}).content.decode()
    assert "Bring size 43 boots." in text


def test_a_choice_of_the_experts_own_stays_theirs_through_an_edit(draft):
    before = Version.objects.get(draft=draft).data
    kept = [one for day in edited(draft).data["days"] for one in day["evening"]]
    assert [one["service"] for one in kept] == [
        one["service"] for day in before["days"] for one in day["evening"]
    ]


def test_nobody_else_finds_it(client, draft):
    assert client.get(url(draft)).status_code == 302
    client.force_login(make_expert().user)
    assert client.get(url(draft)).status_code == 404
    assert post(client, draft, "print").status_code == 404
