"""From a question to a text, with a model on loopback and with all that goes wrong on the way."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, connections

from content_assistant import drafting, moves, tasks, tools, writing
from content_assistant.checks import Finding
from content_assistant.models import Draft, Ruling, Version
from content_assistant.tools import Tool
from jobs.models import Job
from llm import door
from tests.content_assistant.core import tool as fakes
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State = Version.State


def newest(draft):
    return draft.versions.order_by("-number").first()


def test_a_text_is_written_by_the_model_and_says_so(provider, written):
    provider.say("I walk with guests. The headline: Gardens after rain.", model="grok-4.3")
    version = newest(written())
    assert (version.state, version.origin, version.model) == (State.READY, "model", "grok-4.3")
    assert version.text.startswith("I walk with guests.")
    assert version.prompt_version == 1
    assert version.facts
    assert version.finished_at


def test_without_a_provider_the_template_writes_and_says_why(written):
    version = newest(written())
    assert (version.state, version.origin, version.text) == (State.READY, "offline", fakes.OFFLINE)
    assert version.notice == "No language model that can do this is connected."


def test_a_structured_answer_keeps_its_parts_beside_the_text(provider, written):
    provider.say_json({"title": "Three slow days", "days": ["Moss", "Tea"]})
    version = newest(written("itinerary"))
    assert (version.text, version.data) == ("Three slow days", {"days": ["Moss", "Tea"]})


def test_a_model_that_hangs_leaves_the_draft_to_the_template(provider, written, settings):
    settings.LLM_TIMEOUTS = {"fast": 1.0, "reasoning": 1.0}
    provider.hang()
    version = newest(written())
    assert (version.state, version.origin) == (State.READY, "offline")
    assert version.notice == "No language model answers at the moment."


def test_a_refusal_is_told_and_nothing_is_made_up(provider, written):
    provider.say("I would rather not.", stop="refused")
    version = newest(written())
    assert (version.state, version.text) == (State.FAILED, "")
    assert version.error.startswith("The language model gave no usable answer.")


@pytest.mark.parametrize("answer", ['{"title": "Half', '{"title": 3}'])
def test_an_answer_in_no_shape_fails_after_its_mending(provider, written, answer):
    provider.say(answer)
    provider.say(answer)
    assert newest(written("itinerary")).state == State.FAILED
    assert len(provider.requests) == 2


def test_what_is_off_is_told_to_the_model_once(provider, written):
    provider.say("I love travel and gardens.")
    provider.say("I rake gravel at dawn.")
    version = newest(written())
    assert (version.text, version.findings) == ("I rake gravel at dawn.", [])
    assert "Do not write: love travel." in str(provider.requests[1].body)
    assert "I love travel and gardens." in str(provider.requests[1].body)


def test_mending_costs_the_expert_no_second_use(provider, expert, written):
    provider.say("I love travel and gardens.")
    provider.say("I rake gravel at dawn.")
    assert newest(written()).text == "I rake gravel at dawn."
    assert door.uses(expert.user).hour_used == 1


def test_what_stays_off_is_shown(provider, written):
    for _ in range(3):
        provider.say("I love travel.")
    version = newest(written())
    assert [one["message"] for one in version.findings] == ["“love travel” is said by everybody."]
    assert len(provider.requests) == 2


def test_a_mending_that_fails_leaves_the_first_text(provider, written):
    provider.say("I love travel.")
    provider.say("No.", stop="refused")
    version = newest(written())
    assert (version.state, version.text) == (State.READY, "I love travel.")


def test_what_may_not_go_out_waits_for_our_team(provider, written):
    provider.say("Write to me at mei@example.com for a discount.")
    draft = written()
    ruling = Ruling.objects.get(version__draft=draft)
    assert newest(draft).state == State.HELD
    assert [(one["reason"], one["span"]) for one in ruling.verdicts] == [("contact", "mei@example.com")]
    assert (ruling.decision, ruling.decided_at) == ("", None)


def test_a_finding_can_hold_a_text_too(provider, written, monkeypatch):
    check = lambda text: [Finding("held.lost", "A price is gone.")]  # noqa: E731
    monkeypatch.setitem(tools.TOOLS, "bio", fakes.tool("bio", checks=(check,)))
    provider.say("Fine.")
    assert newest(written()).state == State.HELD


def test_a_wish_reaches_the_model_with_the_text_it_is_about(provider, expert, written):
    provider.say("A long text.")
    draft = written()
    provider.say("Short.")
    drafting.again(draft=draft, by=expert.user, wish="shorter", number=1)
    run_jobs()
    assert newest(draft).text == "Short."
    assert all(said in str(provider.requests[1].body) for said in ("shorter", "A long text."))


def test_what_was_cancelled_before_its_turn_is_never_asked(provider, expert, asked):
    draft = asked()
    drafting.cancel(draft=draft, by=expert.user)
    drafting.cancel(draft=draft, by=expert.user)
    run_jobs()
    assert (newest(draft).state, provider.requests) == (State.CANCELLED, [])


def test_what_is_cancelled_while_it_is_written_changes_nothing_more(provider, expert, asked):
    draft = asked()
    provider.say("Too late.")
    begun = moves.begin(newest(draft).pk)
    assert begun
    drafting.cancel(draft=draft, by=expert.user)
    moves.finish(begun[0], writing.write(*begun))
    version = newest(draft)
    assert (version.state, version.text) == (State.CANCELLED, "")


def test_a_job_that_runs_twice_writes_one_version(provider, asked):
    draft = asked()
    provider.say("First.")
    provider.say("Second.")
    moves.begin(newest(draft).pk)  # a worker took it and died
    run_jobs()
    tasks._write(tasks.write_version, newest(draft).pk)  # and the message came once more
    assert [one.text for one in draft.versions.all()] == ["First."]
    assert len(provider.requests) == 1


def test_a_job_whose_workers_all_died_says_so(asked):
    draft = asked()
    moves.begin(newest(draft).pk)
    tasks.writing_failed(version_id=newest(draft).pk)
    version = newest(draft)
    assert version.state == State.FAILED
    assert version.error == "Writing this text broke off several times. Please try again."


def test_short_texts_and_long_ones_have_leases_of_their_own(asked):
    asked()
    asked("itinerary", key="k2")
    leases = Job.objects.order_by("pk").values_list("lease", flat=True)
    assert [lease.total_seconds() for lease in leases] == [90, 480]
    assert set(Job.objects.values_list("queue", flat=True)) == {"llm"}


def test_who_has_used_up_their_share_is_told_until_when(provider, written, settings):
    settings.LLM_ALLOWANCES = {"user": (1, 1), "staff": (1, 1), "system": (1, 1)}
    provider.say("The first.")
    written()
    version = newest(written(key="k2"))
    assert version.state == State.FAILED
    assert "You can write again from" in version.error


def test_versions_of_a_prompt_share_the_drafts(asked):
    second = fakes.prompt("bio", version=2)
    tool: Tool = fakes.tool("bio", trials=((second, 30),))
    chosen = [tool.prompt_for(Draft(pk=number)).version for number in range(1, 1001)]
    assert 250 < chosen.count(2) < 350
    assert chosen == [tool.prompt_for(Draft(pk=number)).version for number in range(1, 1001)]


def test_what_a_text_cost_is_kept(provider, written):
    provider.say("I love travel.")
    provider.say("Moss.")
    cost = newest(written()).cost
    assert cost > Decimal(0)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_cancels_stops_the_writer(provider, expert, asked):
    draft = asked()
    provider.say(" ".join(["word"] * 400), pace=0.05)

    def work():
        run_jobs()
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    stream, shown = newest(draft).stream, ""
    for _ in range(200):
        page = door.read(stream, expert.user)
        if page and page.text:
            shown = page.text
            break
        threading.Event().wait(0.02)
    drafting.cancel(draft=draft, by=expert.user)
    worker.join(timeout=10)  # the whole text would take 20 s
    connection.close()
    assert not worker.is_alive()
    assert shown.startswith("word")
    assert (newest(draft).state, newest(draft).text) == (State.CANCELLED, "")
