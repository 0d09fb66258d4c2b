"""Vectors are budgeted, booked and scrubbed like answers."""

import pytest

from llm import admission, door, embeddings
from llm.models import Call, Disclosure
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def vectors(settings, one_route):
    settings.LLM_EMBEDDINGS = "openai/text-embedding-3-small"
    return one_route


def test_texts_leave_scrubbed_and_vectors_come_in_their_order(vectors):
    made = door.embed(["anna@example.com", "tofu"])
    assert vectors.requests[0].body["input"] == ["[EMAIL_1]", "tofu"]
    assert len(made) == 2
    assert made[0] != made[1]


def test_they_are_in_the_ledger_and_the_budget(vectors):
    anna = make_user()
    door.embed(["tofu"], user=anna, about=[anna])
    call = Call.objects.get()
    assert (call.purpose, call.input_tokens, call.user) == ("embedding", len("tofu"), anna)
    assert admission.today().spent == call.charged_ticks > 0
    assert Disclosure.objects.get().user == anna


def test_many_texts_go_in_batches(vectors):
    assert (
        len(door.embed([f"text {number}" for number in range(embeddings.BATCH + 1)])) == embeddings.BATCH + 1
    )
    assert [len(asked.body["input"]) for asked in vectors.requests] == [embeddings.BATCH, 1]


def test_a_failing_server_is_asked_again(vectors):
    vectors.fail(503)
    assert len(door.embed(["tofu"])) == 1
    assert Call.objects.count() == 2


def test_without_a_route_there_are_none(settings):
    settings.LLM_EMBEDDINGS = ""
    with pytest.raises(door.Disabled):
        door.embed(["tofu"])
