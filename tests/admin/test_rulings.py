"""The queue of held texts, and the page that says what becomes of drafts."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content_assistant import ruling
from content_assistant.models import Draft, Ruling, Version
from tests.admin.rows import make_ruling
from tests.factories import make_expert, numbers

pytestmark = pytest.mark.django_db
LIST = reverse("admin:content_assistant_ruling_changelist")
FIGURES = reverse("admin:content_assistant_ruling_analytics")
ATTACK = "<script>alert(1)</script>"


def page(row, name="change"):
    return reverse(f"admin:content_assistant_ruling_{name}", args=[row.pk])


def held(days, **fields):
    return make_ruling(held_at=timezone.now() - timedelta(days=days), **fields)


def buttons(client, row):
    shown = client.get(page(row)).context["actions_detail"]
    return [button["path"].strip("/").rsplit("/", 1)[1] for button in shown if button["path"]]


def now(row):
    return Ruling.objects.get(pk=row.pk)


def test_what_waits_longest_comes_first_with_its_age(reviewer):
    new, old, done = held(1), held(9), held(30)
    ruling.approve(ruling=done, by=reviewer.user)
    response = reviewer.get(LIST)
    assert list(response.context["cl"].result_list) == [old, new, done]
    shown = response.content.decode()
    assert [
        text for text in ("1\xa0week", "1\xa0day", "contact details", "waiting") if text not in shown
    ] == []


def test_machine_and_person_stand_side_by_side(reviewer):
    row = held(1)
    ruling.reject(ruling=row, by=reviewer.user, reason="No addresses, please.")
    for url in (page(row), page(row, "approve")):
        shown = reviewer.get(url).content.decode()
        assert [
            text for text in ("contact details", "rejected", "No addresses, please.") if text not in shown
        ] == []


def test_the_buttons_are_those_that_lead_on(reviewer, analyst):
    row = held(1)
    assert buttons(reviewer, row) == ["claim", "approve", "edit", "reject"]
    assert buttons(analyst, row) == []
    reviewer.post(page(row, "claim"))
    assert now(row).claimed_by == reviewer.user
    assert buttons(reviewer, row) == ["release", "approve", "edit", "reject"]
    reviewer.post(page(row, "release"))
    assert now(row).claimed_by is None
    reviewer.post(page(row, "approve"))
    assert now(row).decision == "approved"
    assert buttons(reviewer, row) == []


def test_who_comes_second_sees_who_has_it(reviewer, root):
    row = held(1)
    root.post(page(row, "claim"))
    assert buttons(reviewer, row) == []
    assert "Root is looking at this text." in reviewer.get(page(row, "approve")).content.decode()
    shown = reviewer.post(page(row, "approve"))
    assert "Root is looking at this text." in shown.content.decode()
    told = reviewer.post(page(row, "claim"))
    assert [str(message) for message in get_messages(told.wsgi_request)] == ["Root is looking at this text."]
    assert (now(row).decision, now(row).claimed_by) == ("", root.user)


def test_a_rejection_needs_a_reason_and_the_expert_reads_it(reviewer):
    row = held(1)
    assert "This field is required" in reviewer.post(page(row, "reject")).content.decode()
    assert now(row).decision == ""
    reviewer.post(page(row, "reject"), {"reason": "No addresses."})
    assert (now(row).decision, now(row).reason) == ("rejected", "No addresses.")


def test_nobody_opens_the_decision_about_their_own_text(reviewer):
    row = held(1, expert=make_expert(user=reviewer.user))
    assert buttons(reviewer, row) == []
    for name in ("claim", "release", "approve", "edit", "reject"):
        for method in (reviewer.get, reviewer.post):
            assert method(page(row, name)).status_code == 403


def test_a_held_text_is_text_and_what_was_found_is_marked(reviewer):
    row = held(1, text=f"{ATTACK} Write to mei@example.com now.")
    for url in (page(row), page(row, "edit")):
        shown = reviewer.get(url).content.decode()
        assert ATTACK not in shown
        assert "<mark>mei@example.com</mark>" in shown


def test_a_verdict_that_is_stored_oddly_breaks_nothing(reviewer):
    row = held(1)
    odd = [{}, {"reason": "held_numbers", "span": "gone", "start": 9999}, {"span": None, "detail": 3}]
    Ruling.objects.update(verdicts=odd)
    assert "held_numbers" in reviewer.get(page(row)).content.decode()


def draft(days=1, cost="0.02", tool="bio", **outcome):
    made = timezone.now() - timedelta(days=days)
    row = Draft.objects.create(
        expert=make_expert(reindex=False),
        tool=tool,
        language="en",
        key=f"k{next(numbers)}",
        created_at=made,
        outcome=outcome,
    )
    for number in (1, 2):
        Version.objects.create(draft=row, number=number, state="ready", cost=cost, finished_at=made)
    return row


def used(kind="as_is", prompt=1, **more):
    said = {"prompt_version": prompt, "origin": "model", "distance": 0, "kept": 4, "sentences": 4}
    return draft(**{"kind": kind, "minutes_saved": 20} | said | more)


def figures(client, **query):
    return {(line.tool, line.wrote): line for line in client.get(FIGURES, query).context["lines"]}


def test_the_figures_are_those_of_each_tool_and_prompt(analyst):
    used()
    used("edited", distance=10, kept=1, minutes_saved=10)
    draft(kind="discarded", prompt_version=1, origin="model")
    used(prompt=2)
    used(tool="seo")
    found = figures(analyst)
    assert set(found) == {
        ("Bio", "prompt 1, language model"),
        ("Bio", "prompt 2, language model"),
        ("Search texts", "prompt 1, language model"),
    }
    line = found["Bio", "prompt 1, language model"]
    assert line.shares == [("33 %", 1), ("33 %", 1), ("33 %", 1)]
    assert line.changed == "5.0 words, 62 % of the sentences kept"
    assert line.saved == "15 min"
    # Three drafts of two versions each, of which two were kept.
    assert line.cost == "0.0600 USD"


def test_drafts_that_came_to_no_end_or_are_old_do_not_count(analyst):
    draft()
    used(days=40)
    assert figures(analyst) == {}
    assert "No draft was used" in analyst.get(FIGURES).content.decode()
    assert len(figures(analyst, days=90)) == 1


def test_a_discarded_draft_without_a_text_is_counted(analyst):
    draft(kind="discarded")
    assert figures(analyst)["Bio", "nothing was written"].cost == "no data"


def test_tiles_sum_up_over_all_tools(analyst):
    for _ in range(3):
        used(minutes_saved=30)
    draft(kind="discarded", tool="seo", prompt_version=1)
    tiles = {name: value for name, value, _basis in analyst.get(FIGURES).context["tiles"]}
    assert tiles == {
        "Used as they were": "75 %",
        "Edited, then used": "0 %",
        "Discarded": "25 %",
        "Time saved, hours": "1.5",
        "Cost of models per draft used": "0.0533 USD",
    }


def test_the_figures_cost_the_same_for_one_and_ten(analyst):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert analyst.get(FIGURES).status_code == 200
        return len(captured)

    used()
    cost()
    first = cost()
    for number in range(9):
        used(prompt=number)
    assert cost() == first


@pytest.mark.parametrize("days", ["0", "abc", "\0", "-1"])
def test_a_period_that_is_none_is_told(analyst, days):
    response = analyst.get(FIGURES, {"days": days})
    assert response.status_code == 400
    assert "tiles" not in response.context


def test_the_sidebar_leads_there_with_how_many_wait(reviewer, plain_staff):
    held(1)
    groups = reviewer.get(reverse("admin:index")).context["sidebar_navigation"]
    items = {item["title"]: item for group in groups for item in group["items"]}
    assert items["Held drafts"]["badge"] == "1"
    assert items["How drafts are used"]["link"] == FIGURES
    assert plain_staff.get(FIGURES).status_code == 403
