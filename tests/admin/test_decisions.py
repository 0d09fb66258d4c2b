"""Deciding about experts: the queue, the confirmation page, the bulk action."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from experts import services
from experts.models import Evidence, Expert
from jobs.models import Job
from tests.factories import make_complete, make_expert, make_service

LIST = "admin:experts_expert_changelist"
Status = Expert.Status


def page(expert, name="change"):
    return reverse(f"admin:experts_expert_{name}", args=[expert.pk])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def handed_in(days_ago, **fields):
    expert = make_complete(make_expert(status=Status.DRAFT, **fields))
    services.submit(expert=expert, by=expert.user)
    AuditEvent.objects.filter(target_id=expert.pk).update(at=timezone.now() - timedelta(days=days_ago))
    return expert


def test_whoever_waited_longest_comes_first(reviewer):
    new, old, middle = (handed_in(days) for days in (1, 30, 9))
    make_expert()
    shown = reviewer.get(reverse(LIST), {"status__exact": "submitted"}).context["cl"].result_list
    assert list(shown) == [old, middle, new]
    assert "4\xa0weeks" in reviewer.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("draft", ["verify"]),
        ("submitted", ["approve", "return", "verify"]),
        ("active", ["pause", "suspend", "verify"]),
        ("paused", ["resume", "suspend", "verify"]),
        ("suspended", ["reinstate", "verify"]),
    ],
)
def test_the_buttons_are_the_steps_open_from_here(reviewer, status, buttons):
    shown = reviewer.get(page(make_expert(status=status))).context["actions_detail"]
    assert [button["path"].strip("/").rsplit("/", 1)[1] for button in shown if button["path"]] == buttons


def test_an_analyst_sees_no_button(analyst):
    assert analyst.get(page(make_expert(status="submitted"))).context["actions_detail"] == []


def test_the_confirmation_shows_the_whole_case(reviewer):
    expert = handed_in(
        2, bio="I was born beside the market.", background="Chef", unique_value="Closed doors open"
    )
    make_service(expert, title="Dawn walk", description="Before the crowds.")
    shown = reviewer.get(page(expert, "approve")).content.decode()
    for text in (
        expert.headline,
        expert.bio,
        "Chef",
        "Closed doors open",
        "Dawn walk",
        "Before the crowds.",
        "English",
    ):
        assert text in shown
    expert.refresh_from_db()
    assert expert.status == Status.SUBMITTED


def test_approving_leads_back_to_the_queue(reviewer):
    expert = handed_in(2)
    response = reviewer.post(page(expert, "approve"))
    assert response.headers["Location"] == reverse(LIST) + "?status__exact=submitted"
    assert said(response) == [f"{expert.name} is now “active”."]
    event = audit.history(expert).latest("id")
    assert (event.action, event.actor) == ("expert.approve", reviewer.user)


def test_a_no_without_a_reason_is_asked_again(reviewer):
    expert = handed_in(2)
    response = reviewer.post(page(expert, "send_back"), {"reason": "  "})
    assert response.context["form"].errors == {"reason": ["This field is required."]}
    expert.refresh_from_db()
    assert expert.status == Status.SUBMITTED


def test_a_no_with_a_reason_is_mailed(reviewer):
    expert = handed_in(2)
    reviewer.post(page(expert, "send_back"), {"reason": "Describe two walks."})
    expert.refresh_from_db()
    assert (expert.status, expert.status_reason) == (Status.DRAFT, "Describe two walks.")
    assert Job.objects.get().kind == "accounts.notices.posting.send_notice_mail"


def test_somebody_was_faster(reviewer):
    expert = make_expert(status=Status.ACTIVE)
    assert "does not lead on from “active”" in reviewer.get(page(expert, "approve")).content.decode()
    response = reviewer.post(page(expert, "approve"))
    assert said(response)[0].startswith(f"{expert.name}: From “active” this can't become “active”.")


def test_a_reviewer_does_not_decide_about_themselves(reviewer):
    expert = make_expert(status=Status.SUBMITTED, user=reviewer.user)
    assert reviewer.post(page(expert, "approve")).status_code == 403
    assert reviewer.get(page(expert)).context["actions_detail"] == []


def test_the_bulk_action_takes_the_same_way_and_says_how_each_went(reviewer):
    waiting, active = handed_in(2, name="Mei"), make_expert(name="Ren", status=Status.ACTIVE)
    own = make_expert(name="Rita", status=Status.SUBMITTED, user=reviewer.user)
    chosen = {"action": "approve_selected", "_selected_action": [waiting.pk, active.pk, own.pk]}
    response = reviewer.post(reverse(LIST), chosen)
    assert sorted(said(response)) == [
        "Mei is approved.",
        "Ren: From “active” this can't become “active”. Possible: paused, suspended.",
        "Reviewer: you can’t decide about yourself.",
    ]
    assert [event.action for event in AuditEvent.objects.filter(actor=reviewer.user)] == ["expert.approve"]


def test_an_analyst_has_no_bulk_action(analyst):
    expert = handed_in(2)
    analyst.post(reverse(LIST), {"action": "approve_selected", "_selected_action": [expert.pk]})
    expert.refresh_from_db()
    assert expert.status == Status.SUBMITTED


FORM = {
    "headline": "Knows every lantern",
    "bio": "Lantern maker.",
    "years_experience": 3,
    "communication_style": "concise",
    "price_min": "80",
    "price_max": "120",
    "currency": "USD",
    "response_hours": "24",
    "group_size_max": 6,
}
INLINES = {
    f"{name}-{part}": 0
    for name in (
        *("verifications", "specialties", "languages", "services", "unavailable"),
        *("weekly_hours", "calendar_exceptions", "calendar_sources", "calendar_feed"),
    )
    for part in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def test_edited_texts_are_found_at_once_and_the_form_sets_no_status(reviewer):
    expert = make_expert(status=Status.SUBMITTED)
    response = reviewer.post(page(expert), FORM | INLINES | {"status": "active", "review_count": 99})
    assert response.status_code == 302
    expert.refresh_from_db()
    assert (expert.headline, expert.status, expert.review_count) == (
        "Knows every lantern",
        Status.SUBMITTED,
        0,
    )
    assert "Lantern maker." in Evidence.objects.get(expert=expert, kind=Evidence.Kind.PROFILE).text


def test_history_joins_edits_and_decisions(reviewer):
    expert = handed_in(2)
    reviewer.post(page(expert), FORM | INLINES)
    services.return_with_reason(expert=expert, by=reviewer.user, reason="Too short.")
    lines = reviewer.get(page(expert, "history")).context["lines"]
    assert [line.what.split(" ")[0] for line in lines] == ["sent", "Changed", "handed"]
    assert lines[0].facts == {"change": "submitted → draft", "reason": "Too short."}
