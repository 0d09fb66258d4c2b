"""A text that a page reads while a model writes it."""

import pytest

from llm import door, streams
from llm.filtering import leaks
from llm.models import Call, StreamedText
from tests.factories import make_user
from tests.llm import questions
from tests.llm.questions import Facts
from tests.speech import Answer
from tests.threads import another_thread

pytestmark = pytest.mark.django_db
NAME = "draft-1"


@pytest.fixture
def user():
    return make_user()


def read(*args, **kwargs):
    page = door.read(*args, **kwargs)
    assert page
    return page


@pytest.fixture
def seen(monkeypatch):
    """Every piece that readers could have got, without waiting for the next to be due."""
    pieces = []
    monkeypatch.setattr(streams.Writer, "delta", lambda self, text: pieces.append(text))
    return pieces


@pytest.mark.parametrize("route", ["xai/grok-4.3", "anthropic/claude-haiku-5-5", "local/llama"])
def test_the_text_comes_in_pieces_and_is_there_as_a_whole(one_route, settings, user, seen, route):
    settings.LLM_TIERS = {"fast": [route], "reasoning": []}
    one_route.say("Come and cook with me in Kyoto.")
    answer = door.ask(questions.text(), Facts(), user=user, stream=NAME)
    assert len(seen) > 2
    assert "".join(seen) == answer.output == "Come and cook with me in Kyoto."
    page = read(NAME, user)
    assert (page.text, page.state) == (answer.output, StreamedText.State.DONE)


def test_the_page_reads_on_from_where_it_was(one_route, user):
    writer = streams.open(NAME, user)
    writer.delta("One, ")
    first = read(NAME, user)
    writer.finish("One, two.")
    rest = read(NAME, user, after=first.id)
    assert (first.text, rest.text, rest.restarted) == ("One, ", "One, two.", True)


def test_nobody_else_reads_it(one_route, user):
    door.ask(questions.text(), Facts(), user=user, stream=NAME)
    assert door.read(NAME, make_user()) is None


def test_details_are_put_back_also_where_a_piece_splits_them(one_route, user, seen):
    one_route.say("Write to [EMAIL_1] today.")
    prompt = questions.text(restores=frozenset({"email"}))
    door.ask(prompt, Facts(bio="anna@example.com"), user=user, stream=NAME)
    assert "".join(seen).startswith("Write to anna@example.com")
    assert not [piece for piece in seen if "EMAIL" in piece]


def test_our_instructions_never_reach_the_page(one_route, user, seen):
    canary = leaks.canary("tests.text", 1)
    one_route.say(f"I was told this: {canary} and more.")
    with pytest.raises(door.OutputRejected):
        door.ask(questions.text(), Facts(), user=user, stream=NAME)
    assert canary not in "".join(seen)
    assert read(NAME, user).state == StreamedText.State.FAILED
    assert Call.objects.get().outcome == "leaked"


def test_a_broken_stream_begins_anew(one_route, user):
    one_route.cut("This will never be whole, whatever one does.")
    one_route.say("Whole.")
    assert door.ask(questions.text(), Facts(), user=user, stream=NAME).output == "Whole."
    assert read(NAME, user).text == "Whole."


def test_what_a_broken_stream_had_written_may_have_to_be_paid(one_route, user):
    one_route.cut("This will never be whole, whatever one does.")
    one_route.say("Whole.")
    door.ask(questions.text(), Facts(), user=user, stream=NAME)
    broken = Call.objects.get(state="failed")
    assert (broken.outcome, broken.usage_state) == ("unreachable", "missing")
    assert broken.charged_ticks > 0


@pytest.mark.django_db(transaction=True)
def test_cancelling_stops_the_model(one_route, user):
    def cancelled_meanwhile(asked):
        with another_thread() as page:
            page(lambda: door.cancel(NAME, user)).result()
        return Answer(text="word " * 400)

    one_route.mind = cancelled_meanwhile
    with pytest.raises(door.Cancelled):
        door.ask(questions.text(), Facts(), user=user, stream=NAME)
    assert Call.objects.get().outcome == "cancelled"


def test_a_kept_answer_and_an_offline_one_are_read_like_any_other(settings, one_route, user):
    settings.LLM_PURPOSES = settings.LLM_PURPOSES | {"drafting": 60}
    one_route.say("Kept.")
    for name in ("a", "b"):
        door.ask(questions.text(), Facts(), user=user, stream=name)
    settings.LLM_TIERS = {"fast": [], "reasoning": []}
    door.ask(questions.text(offline=questions.by_hand), Facts(), user=user, stream="c")
    assert [read(name, user).text for name in "abc"] == [
        "Kept.",
        "Kept.",
        "By hand: I have cooked in Kyo",
    ]


def test_only_plain_text_is_streamed(user):
    with pytest.raises(TypeError, match="cannot be streamed"):
        door.ask(questions.headline(), Facts(), user=user, stream=NAME)
