"""The assistant's pages, without a script: what is shown, what each button does, who gets there."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Message
from content_assistant import drafting, moves, tokens
from content_assistant.models import Draft, Token, Version
from tests.content_assistant.core import tool as fakes
from tests.factories import make_expert, make_inquiry, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    response = client.get(reverse(f"assistant:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, *args, **answers):
    return client.post(reverse(f"assistant:{name}", args=args), answers, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_the_home_shows_a_card_for_each_tool_and_what_is_left(client, expert, written):
    written()
    shown = page(client, "home")
    for text in (
        "Who you are, in your words.",
        "usually about 10 seconds",
        "20 of 20 left this hour",
        "ready",
    ):
        assert text in shown


def test_a_draft_is_asked_for_written_edited_and_used_with_forms_alone(client, expert):
    answers = {"language": "en", "key": "k"}
    response = post(client, "create", "bio", **answers)
    assert "Cancel" in response.content.decode()
    assert '<noscript><meta http-equiv="refresh"' in response.content.decode()
    run_jobs()
    draft = Draft.objects.get()
    shown = page(client, "draft", draft.pk)
    for text in (fakes.OFFLINE, "Put together from a template", "3 to 60 are good", "No language model"):
        assert text in shown
    post(client, "save", draft.pk, number=1, text="My own words.")
    before = page(client, "use", draft.pk)
    assert "The old bio." in "".join(before.split("<del>")).replace("</del>", "")
    expert.refresh_from_db()
    assert expert.bio == "The old bio."
    post(client, "use", draft.pk, number=2)
    expert.refresh_from_db()
    assert expert.bio == "My own words."
    assert said(post(client, "move", draft.pk, do="undo")) == ["What stood there before stands there again."]


def test_a_double_click_on_the_form_makes_one_draft(client, expert):
    for _click in range(2):
        post(client, "create", "bio", language="en", key="k")
    assert Draft.objects.count() == 1


def test_the_text_appears_while_it_is_written(client, expert, asked):
    draft = asked()
    first = page(client, "writing", draft.pk)
    assert 'hx-trigger="every 400ms"' in first
    address = first.split('hx-get="')[1].split('"')[0]
    assert client.get(address).status_code == 204
    version = moves.begin(draft.versions.get().pk)[0]  # type: ignore[index]
    from llm import streams

    writer = streams.open(version.stream, expert.user)
    writer.delta("Moss and ")
    grown = client.get(address).content.decode()
    assert "Moss and " in grown
    address = grown.split('hx-get="')[1].split('"')[0]
    assert client.get(address).status_code == 204
    post(client, "move", draft.pk, do="cancel")
    ended = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "You cancelled this." in ended
    assert "every 400ms" not in ended


def test_versions_are_compared_side_by_side(client, expert, written):
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="From a template: I run with guests.", number=1)
    shown = page(client, "compare", draft.pk, left=1, right=2)
    assert "<del>walk </del>" in shown
    assert "<ins>run </ins>" in shown
    assert page(client, "compare", draft.pk, left=99, right="x")


def test_an_earlier_version_is_brought_back(client, expert, written):
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="Mine.", number=1)
    assert "Bring back version 1" in page(client, "draft", draft.pk)
    assert said(post(client, "restore", draft.pk, 1, number=2)) == ["Version 1 is the newest again."]
    newest = drafting.newest_ready(draft)
    assert newest is not None
    assert newest.text == fakes.OFFLINE


def test_what_nothing_supports_is_marked_and_confirmed_by_a_tick(client, provider, expert, written):
    provider.say("Gardens. I have guided 412 groups")
    draft = written()
    shown = page(client, "draft", draft.pk)
    assert "<mark>I have guided 412 groups</mark>" in shown
    assert "still wait for you to confirm" in page(client, "use", draft.pk)
    post(client, "confirm", draft.pk, number=1, sentence="0")
    assert "<mark>" not in page(client, "draft", draft.pk)
    assert "still wait" not in page(client, "use", draft.pk)


def test_a_stale_draft_says_so(client, expert, written):
    draft = written()
    assert "is unchanged" in page(client, "facts", draft.pk)
    fakes.bump(expert)
    for shown in (page(client, "facts", draft.pk), page(client, "draft", draft.pk, facts=1)):
        assert "What this was written from has changed since." in shown
    assert "has changed since" in page(client, "use", draft.pk)


def test_a_reply_is_put_into_the_box_and_sent_by_nobody(client, expert, written):
    inquiry = make_inquiry(expert)
    draft = written("inquiry", inquiry=inquiry)
    address = inquiry.get_absolute_url()
    session = client.session
    session["drafts"] = {address: {"body": "What I had begun"}}
    session.save()
    assert "begun" in page(client, "use", draft.pk)
    count = Message.objects.count()
    shown = post(client, "use", draft.pk, number=1).content.decode()
    assert fakes.OFFLINE in shown.split("<textarea")[1]
    assert "Nothing is sent until you send it." in shown
    assert Message.objects.count() == count


def test_a_text_that_can_not_be_saved_is_shown_again(client, expert, written):
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="From another tab.", number=1)
    shown = post(client, "save", draft.pk, number=1, text="Typed with care.").content.decode()
    assert "Typed with care." in shown
    assert "has changed since you opened the page" in shown


def test_a_limit_that_is_reached_says_until_when(client, provider, expert, written, settings):
    settings.LLM_ALLOWANCES = {"user": (1, 5), "staff": (1, 1), "system": (1, 1)}
    provider.say("The first.")
    draft = written()
    assert "0 of 1 left this hour" in page(client, "home")
    for name, args, answers in (
        ("create", ["bio"], {"language": "de", "key": "new"}),
        ("again", [draft.pk], {"number": "1"}),
    ):
        response = post(client, name, *args, **answers)
        assert response.status_code == 429
        assert "It goes on at" in response.content.decode()
    assert Version.objects.count() == 1


def test_a_rejected_text_says_why(client, provider, expert, written):
    provider.say("Write to me at mei@example.com.")
    draft = written()
    held = page(client, "draft", draft.pk)
    assert "Our team looks at this text" in held
    assert "mei@example.com" not in held
    version = draft.versions.get()
    version.ruling.reason = "No addresses, please."
    version.ruling.save()
    moves.move_version(version, Version.State.REJECTED)
    assert "No addresses, please." in page(client, "draft", draft.pk)


def test_a_person_without_a_profile_or_another_expert_finds_nothing(expert, written):
    draft = written()
    for user in (make_user(), make_expert().user):
        other = Client()
        other.force_login(user)
        for name in ("draft", "writing", "facts", "compare", "use"):
            assert other.get(reverse(f"assistant:{name}", args=[draft.pk])).status_code == 404
        for name in ("again", "save", "confirm", "move"):
            answers = {"number": 1, "text": "Mine", "do": "discard"}
            assert other.post(reverse(f"assistant:{name}", args=[draft.pk]), answers).status_code == 404
    assert Draft.objects.get().state == "open"
    assert Client().get(reverse("assistant:home")).status_code == 302


def test_pages_ask_little_however_many_rows(client, provider, expert, written):
    provider.say("Gardens. I have guided 412 groups")
    draft = written()
    drafting.save(draft=draft, by=expert.user, text="Mine 12", number=1)
    names = [("home", []), ("create", ["bio"]), ("draft", [draft.pk]), ("compare", [draft.pk])]
    names += [("facts", [draft.pk]), ("writing", [draft.pk]), ("use", [draft.pk]), ("token", [])]
    counts: list[dict[str, int]] = []
    for number in (2, 3):
        counts.append({})
        for name, args in names:
            page(client, name, *args)
            with CaptureQueriesContext(connection) as queries:
                page(client, name, *args)
            counts[-1][name] = len(queries)
        drafting.save(draft=draft, by=expert.user, text=f"Mine {number}", number=number)
        written(key=f"more{number}")
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 8, counts[0]


def generate(client, body, **headers):
    return client.post(
        reverse("assistant:generate"), json.dumps(body), content_type="application/json", headers=headers
    )


BIO = {"task": "bio", "params": {"language": "en"}}


def test_a_program_asks_with_a_token_and_reads_the_text(expert):
    program = Client(enforce_csrf_checks=True)
    bearer = {"Authorization": f"Bearer {tokens.make(expert.user)}"}
    for _sent in range(2):
        response = generate(program, BIO, **bearer, **{"Idempotency-Key": "one"})
        assert (response.status_code, response.json()["drafts"][0]["state"]) == (202, "queued")
    assert Draft.objects.count() == 1
    run_jobs()
    read = program.get(response.json()["drafts"][0]["url"], headers=bearer).json()
    assert (read["state"], read["text"], read["origin"]) == ("ready", fakes.OFFLINE, "offline")
    tokens.revoke(expert.user)
    assert generate(program, BIO, **bearer).status_code == 401


def test_a_session_needs_its_csrf_token_and_a_stranger_a_sign_in(expert):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(expert.user)
    assert generate(strict, BIO).status_code == 403
    assert generate(Client(), BIO).status_code == 401


def test_a_program_is_told_what_is_wrong(client, expert):
    assert "There are these tasks: bio" in generate(client, {"task": "poem"}).json()["task"]
    wrong = generate(client, {"task": "bio", "params": {"language": "xx"}})
    assert (wrong.status_code, list(wrong.json()["params"])) == (400, ["language"])
    assert generate(client, {"task": "bio", "params": 3}).status_code == 400
    assert generate(client, ["bio"]).status_code == 400
    traveler = Client()
    traveler.force_login(make_user())
    assert generate(traveler, BIO).status_code == 403
    assert not Draft.objects.exists()


def test_lists_reach_a_tool_as_lists(client, expert):
    response = generate(client, {"task": "translate", "params": {"languages": ["de", "fr"]}})
    assert [one["language"] for one in response.json()["drafts"]] == ["de", "fr"]


def test_another_experts_draft_is_not_read(expert, written):
    draft, other = written(), Client()
    other.force_login(make_expert().user)
    assert other.get(reverse("assistant:api_draft", args=[draft.pk])).status_code == 404


def test_a_token_is_shown_once_and_kept_as_a_digest(client, expert):
    shown = post(client, "token", do="make").content.decode()
    token = shown.split("<code>")[1].split("</code>")[0]
    assert Token.objects.get().digest == tokens.digest(token)
    assert token not in page(client, "token")
    post(client, "token", do="revoke")
    assert not Token.objects.exists()
