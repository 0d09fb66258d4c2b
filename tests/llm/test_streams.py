from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError
from django.utils import timezone

from llm import redis, streams
from llm.errors import Failure, FailureKind
from llm.models import StreamedText
from llm.streams import State
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user()


@pytest.fixture
def writer(ada):
    return streams.open("draft:1", ada)


@pytest.fixture
def unhurried(monkeypatch):
    """Every piece is sent at once."""
    monkeypatch.setattr(streams, "PIECE_SECONDS", 0)


def page_of(user, after=streams.START, name="draft:1"):
    page = streams.read(name, user, after)
    assert page is not None
    return page


class Reader:
    """A page: holds what it would show."""

    def __init__(self, user, name="draft:1"):
        self.user, self.name, self.after, self.shown = user, name, streams.START, ""

    def read(self):
        page = page_of(self.user, self.after, self.name)
        self.shown = page.text if page.restarted else self.shown + page.text
        self.after, self.state, self.error = page.id, page.state, page.error
        return self.shown


def test_a_page_reads_on_from_where_it_was(ada, writer, unhurried):
    early = Reader(ada)
    seen = [early.read()]
    for piece in ("Walk ", "along ", "the river."):
        writer.delta(piece)
        seen.append(early.read())
    assert seen == ["", "Walk ", "Walk along ", "Walk along the river."]
    assert Reader(ada).read() == "Walk along the river."


def test_the_first_piece_is_sent_at_once_and_the_next_together(ada, writer, monkeypatch):
    monkeypatch.setattr(streams, "PIECE_SECONDS", 3600)
    for piece in ("Wa", "lk al", "ong"):
        writer.delta(piece)
    reader = Reader(ada)
    assert reader.read() == "Wa"
    monkeypatch.setattr(streams, "PIECE_SECONDS", 0)
    writer.delta(".")
    assert (reader.read(), pieces(writer)) == ("Walk along.", 2)


def pieces(writer):
    return redis.cache().run("XLEN", streams._key(writer._row, "pieces"))


def test_a_finished_text_is_read_whole_once(ada, writer):
    writer.delta("Walk alnog")
    reader = Reader(ada)
    reader.read()
    writer.finish("Walk along the river.")
    assert [reader.read(), reader.read(), reader.state] == ["Walk along the river."] * 2 + [State.DONE]
    assert page_of(ada, reader.after).text == ""


def test_a_second_try_takes_the_first_back(ada, writer, unhurried):
    writer.delta("Eat at")
    reader = Reader(ada)
    reader.read()
    writer.restart()
    writer.delta("Walk")
    assert (reader.read(), Reader(ada).read()) == ("Walk", "Walk")


def test_what_failed_shows_the_sentence_and_no_text(ada, writer, unhurried):
    writer.delta("Secret instructions: ")
    reader = Reader(ada)
    reader.read()
    writer.fail("Please try again.")
    assert (reader.read(), reader.state, reader.error) == ("", State.FAILED, "Please try again.")


def test_nobody_else_reads_or_cancels_it(writer):
    eve = make_user("Eve Other")
    writer.delta("Private.")
    for stranger in (eve, AnonymousUser()):
        assert streams.read("draft:1", stranger) is None
        assert streams.cancel("draft:1", stranger) is False
    writer.finish("Private.")
    assert streams.read("draft:1", eve) is None


def test_a_text_of_the_system_is_read_by_no_visitor():
    streams.open("digest:1", None).delta("Numbers.")
    assert streams.read("digest:1", AnonymousUser()) is None


def test_a_name_of_one_user_is_not_taken_by_another(ada, writer):
    with pytest.raises(IntegrityError):
        streams.open("draft:1", make_user("Eve Other"))


def test_opened_anew_old_places_and_old_writers_count_no_more(ada, writer, unhurried):
    writer.delta("Old text")
    reader = Reader(ada)
    reader.read()
    fresh = streams.open("draft:1", ada)
    fresh.delta("New")
    writer.delta(" goes on")
    writer.finish("Old text goes on")
    assert (reader.read(), reader.state) == ("New", State.OPEN)


def test_a_finished_text_can_be_written_anew(ada, writer):
    writer.finish("Old")
    reader = Reader(ada)
    reader.read()
    streams.open("draft:1", ada).finish("New")
    assert reader.read() == "New"


@pytest.mark.parametrize("after", ["", "0", "1.2-3", "9.end", "x", "1-1", "1.1-1; FLUSHALL", "9" * 500])
def test_an_unknown_place_is_the_start(ada, writer, after):
    writer.delta("Walk")
    page = page_of(ada, after)
    assert (page.text, page.restarted) == ("Walk", True)


def test_pieces_that_redis_lost_leave_a_gap_until_the_end(ada, writer, unhurried):
    reader = Reader(ada)
    writer.delta("Walk ")
    reader.read()
    writer.delta("along ")
    redis.cache().run("FLUSHALL")
    writer.delta("the river.")
    assert (reader.read(), reader.state) == ("Walk the river.", State.OPEN)
    writer.finish("Walk along the river.")
    assert reader.read() == "Walk along the river."


def test_without_redis_the_finished_text_still_comes(ada, writer, settings):
    settings.CACHE_URL = "redis://127.0.0.1:1/2"
    writer.delta("Walk")
    writer.restart()
    reader = Reader(ada)
    assert (reader.read(), reader.state, streams.cancel("draft:1", ada)) == ("", State.OPEN, False)
    writer.finish("Walk along the river.")
    assert reader.read() == "Walk along the river."
    redis._server.cache_clear()


def test_pieces_wait_out_a_redis_that_is_away(ada, writer, unhurried, settings):
    url = settings.CACHE_URL
    settings.CACHE_URL = "redis://127.0.0.1:1/3"
    writer.delta("Walk ")
    settings.CACHE_URL = url
    writer.delta("along")
    assert Reader(ada).read() == "Walk along"


def test_the_page_can_stop_the_writer(ada, writer, unhurried):
    writer.delta("Walk")
    assert streams.cancel("draft:1", ada) is True
    with pytest.raises(Failure) as failure:
        writer.delta(" on")
    assert failure.value.kind is FailureKind.CANCELLED


def test_a_silent_writer_notices_too(ada, writer, monkeypatch):
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0)
    streams.cancel("draft:1", ada)
    with pytest.raises(Failure):
        writer.delta("")


def test_stopping_one_writing_does_not_stop_the_next(ada, writer):
    streams.cancel("draft:1", ada)
    streams.open("draft:1", ada).delta("Walk")
    assert Reader(ada).read() == "Walk"


def test_a_finished_text_cannot_be_stopped(ada, writer):
    writer.finish("Walk.")
    assert streams.cancel("draft:1", ada) is False


def test_pieces_are_bounded_and_go_after_a_while(writer, unhurried, monkeypatch):
    monkeypatch.setattr(streams, "MOST_PIECES", 100)
    for _ in range(400):
        writer.delta("a")
    assert pieces(writer) < 400
    assert redis.cache().run("TTL", streams._key(writer._row, "pieces")) > 0


def test_half_an_emoji_and_a_nul_do_no_harm(ada, writer, unhurried):
    writer.delta("Walk \ud83d")
    writer.delta("\ude00")
    writer.finish("Walk \0on")
    assert Reader(ada).read() == "Walk on"


def test_a_dead_writers_text_is_marked_failed(ada, writer):
    StreamedText.objects.update(started_at=timezone.now() - timedelta(minutes=10))
    streams.open("draft:2", ada)
    assert streams.abandon(older_than=300) == 1
    reader = Reader(ada)
    reader.read()
    assert (reader.state, reader.error) == (
        State.FAILED,
        "Writing this text was broken off. Please try again.",
    )
    assert Reader(ada, "draft:2").read() == ""


def test_a_slow_writer_may_finish_what_was_given_up(ada, writer):
    StreamedText.objects.update(state=State.FAILED, finished_at=timezone.now())
    writer.finish("Walk.")
    reader = Reader(ada)
    assert (reader.read(), reader.state, reader.error) == ("Walk.", State.DONE, "")
