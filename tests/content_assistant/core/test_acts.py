"""What an expert does with a draft: each act once, however often it is clicked, and only what its rules allow."""

import pytest
from django.db import transaction

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from content_assistant import drafting, facts, learning, moves
from content_assistant.drafting import Blocked, Moved
from content_assistant.models import Draft, Version
from tests.content_assistant.core import tool as fakes
from tests.factories import make_inquiry, make_message, make_service
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State = Version.State


def newest(draft):
    return draft.versions.order_by("-number").first()


def test_the_same_form_sent_twice_is_one_draft(asked):
    assert asked().pk == asked().pk
    assert (Draft.objects.count(), Version.objects.count()) == (1, 1)
    with pytest.raises(DomainError, match="other answers"):
        asked(language="de")


def test_several_languages_are_a_draft_each(expert, asked):
    asked("translate", languages=["de", "fr"])
    assert sorted(Draft.objects.values_list("language", flat=True)) == ["de", "fr"]


def test_a_wish_sent_twice_is_one_version(expert, written):
    draft = written()
    first, second = (
        drafting.again(draft=draft, by=expert.user, wish="shorter", number=1) for _click in range(2)
    )
    assert first.pk == second.pk
    with pytest.raises(Moved):
        drafting.again(draft=draft, by=expert.user, wish="longer", number=1)
    with pytest.raises(DomainError, match="being written already"):
        drafting.again(draft=draft, by=expert.user, wish="longer", number=2)


def test_an_edit_is_a_version_and_leaves_the_first_as_it_was(expert, written):
    draft = written()
    for _click in range(2):
        saved = drafting.save(draft=draft, by=expert.user, text="My own words.\r\n", number=1)
    assert [(one.origin, one.text) for one in draft.versions.order_by("number")] == [
        ("offline", fakes.OFFLINE),
        ("expert", "My own words."),
    ]
    assert drafting.save(draft=draft, by=expert.user, text="My own words.", number=2).pk == saved.pk


def test_an_earlier_text_comes_back_as_the_newest(expert, written):
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="My own words.", number=1)
    first = draft.versions.get(number=1)
    for _click in range(2):
        drafting.restore(draft=draft, by=expert.user, version=first, number=2)
    assert [one.text for one in draft.versions.order_by("number")] == [
        fakes.OFFLINE,
        "My own words.",
        fakes.OFFLINE,
    ]


def test_an_applied_text_stands_in_the_profile_and_can_be_taken_back(expert, written):
    draft = written()
    for _click in range(2):
        drafting.apply(draft=draft, by=expert.user, number=1)
    expert.refresh_from_db()
    assert expert.bio == fakes.OFFLINE
    drafting.undo(draft=draft, by=expert.user)
    drafting.undo(draft=draft, by=expert.user)
    expert.refresh_from_db()
    draft.refresh_from_db()
    assert (expert.bio, draft.state, draft.replaced) == ("The old bio.", "open", {})
    actions = list(audit.history(draft).order_by("pk").values_list("action", flat=True))
    assert actions == ["draft.request", "draft.apply", "draft.undo"]


def test_what_was_changed_since_is_not_taken_back(expert, written):
    draft = written()
    drafting.apply(draft=draft, by=expert.user, number=1)
    type(expert).objects.filter(pk=expert.pk).update(bio="Typed meanwhile.")
    with pytest.raises(DomainError, match="changed since"):
        drafting.undo(draft=draft, by=expert.user)
    expert.refresh_from_db()
    assert expert.bio == "Typed meanwhile."


def test_a_service_gets_its_text_and_its_old_one_back(expert, written):
    service = make_service(expert, description="Old path.")
    draft = written("service", service=service)
    drafting.apply(draft=draft, by=expert.user, number=1)
    service.refresh_from_db()
    assert service.description == fakes.OFFLINE
    drafting.undo(draft=draft, by=expert.user)
    service.refresh_from_db()
    assert service.description == "Old path."


def test_a_claim_that_nothing_supports_waits_for_a_yes(provider, expert, written):
    provider.say("Gardens. I have guided 412 groups")
    draft = written()
    with pytest.raises(Blocked, match="confirm"):
        drafting.apply(draft=draft, by=expert.user, number=1)
    drafting.confirm(draft=draft, by=expert.user, number=1, sentences=[0])
    drafting.apply(draft=draft, by=expert.user, number=1)
    assert Draft.objects.get(pk=draft.pk).state == "applied"


def test_a_confirmation_can_be_taken_back(provider, expert, written):
    provider.say("I have guided 412 groups")
    draft = written()
    drafting.confirm(draft=draft, by=expert.user, number=1, sentences=[0])
    drafting.confirm(draft=draft, by=expert.user, number=1, sentences=[])
    with pytest.raises(Blocked):
        drafting.apply(draft=draft, by=expert.user, number=1)


def test_a_sentence_that_the_expert_wrote_is_confirmed_by_that(provider, expert, written):
    provider.say("I have guided 412 groups")
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="I have guided 30 groups", number=1)
    drafting.apply(draft=draft, by=expert.user, number=2)


def test_an_edit_elsewhere_confirms_nothing(provider, expert, written):
    provider.say("I have guided 412 groups. Come along")
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="I have guided 412 groups. Do come", number=1)
    with pytest.raises(Blocked, match="confirm"):
        drafting.apply(draft=draft, by=expert.user, number=2)


def test_a_finding_that_blocks_is_put_right_by_an_edit(provider, expert, written):
    provider.say("I walk with ___.")
    draft = written()
    with pytest.raises(Blocked, match="gap"):
        drafting.apply(draft=draft, by=expert.user, number=1)
    drafting.save(draft=draft, by=expert.user, text="I walk with guests.", number=1)
    drafting.apply(draft=draft, by=expert.user, number=2)


def test_a_draft_whose_facts_have_changed_is_not_applied_unchanged(expert, written):
    draft = written()
    fakes.bump(expert)
    with pytest.raises(Blocked, match="has changed since"):
        drafting.apply(draft=draft, by=expert.user, number=1)
    drafting.save(draft=draft, by=expert.user, text="With the new headline.", number=1)
    drafting.apply(draft=draft, by=expert.user, number=2)


def test_an_earlier_text_that_is_stale_stays_so_when_it_comes_back(expert, written):
    draft = written()
    fakes.bump(expert)
    drafting.save(draft=draft, by=expert.user, text="New.", number=1)
    drafting.restore(draft=draft, by=expert.user, version=draft.versions.get(number=1), number=2)
    assert facts.are_stale(draft, newest(draft))


def test_a_new_message_makes_a_reply_stale(expert, written):
    inquiry = make_inquiry(expert)
    draft = written("inquiry", inquiry=inquiry)
    make_message(inquiry, body="And at night?")
    with pytest.raises(Blocked, match="has changed since"):
        drafting.place(draft=draft, by=expert.user, number=1)


def test_a_page_that_shows_an_older_text_applies_nothing(expert, written):
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="Newer.", number=1)
    with pytest.raises(Moved):
        drafting.apply(draft=draft, by=expert.user, number=1)


def test_a_text_without_a_place_is_copied(expert, written):
    with pytest.raises(DomainError, match="copy it"):
        drafting.apply(draft=written("itinerary"), by=expert.user, number=1)


def test_a_discarded_draft_stops_its_writer_and_can_be_opened_again(expert, asked):
    draft = asked()
    for _click in range(2):
        drafting.discard(draft=draft, by=expert.user)
    draft.refresh_from_db()
    assert (draft.state, draft.outcome) == ("discarded", {"kind": "discarded"})
    assert newest(draft).state == State.CANCELLED
    with pytest.raises(DomainError, match="closed"):
        drafting.again(draft=draft, by=expert.user, wish="", number=1)
    drafting.reopen(draft=draft, by=expert.user)
    drafting.again(draft=draft, by=expert.user, wish="", number=1)
    run_jobs()
    assert newest(draft).state == State.READY


def test_states_move_as_declared_alone(expert, written):
    draft = written()
    version = newest(draft)
    with transaction.atomic(), pytest.raises(IllegalMove, match="ready"):
        moves.move_version(version, State.RUNNING)
    with pytest.raises(IllegalMove):
        moves.move_draft(draft, Draft.State.OPEN)


def test_what_was_changed_before_applying_is_kept(provider, expert, written):
    provider.say("Moss and stone. Tea at noon. A walk home.")
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="Moss and stone. Tea at three. A walk home.", number=1)
    drafting.apply(draft=draft, by=expert.user, number=2)
    outcome = Draft.objects.get(pk=draft.pk).outcome
    assert {
        name: outcome[name] for name in ("kind", "version", "distance", "words", "kept", "sentences")
    } == {
        "kind": "edited",
        "version": 2,
        "distance": 1,
        "words": 9,
        "kept": 2,
        "sentences": 3,
    }
    assert (outcome["prompt_version"], outcome["origin"], outcome["minutes_saved"]) == (1, "model", 30)
    assert float(outcome["cost"]) > 0


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "", 3),
        ("", "a b", 2),
        ("a b c", "a c", 1),
        ("a b c", "b c d", 2),
        ("a b", "b a", 2),
        ("苔の庭", "苔と庭", 1),
    ],
)
def test_the_distance_is_in_words(before, after, distance):
    assert learning.edit_distance(before, after) == distance == learning.edit_distance(after, before)
