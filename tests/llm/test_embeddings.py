import json

import pytest

from llm import embeddings, pricing, routing
from llm.errors import Failure, FailureKind
from llm.routing import Route

TEXTS = ["tea", "temples at dawn", ""]


@pytest.fixture
def route(provider, settings) -> Route:
    settings.LLM_EMBEDDINGS = "local/llama"
    found = routing.for_embeddings()
    assert found is not None
    return found


def embed(route, texts=TEXTS):
    return embeddings.embed_once(route, texts, timeout=30)


def vectors(*rows: list, **usage) -> str:
    data = [{"index": index, "embedding": row} for index, row in enumerate(rows)]
    return json.dumps({"data": data, "model": "m", "usage": usage or None})


def test_each_text_gets_its_vector_in_their_order(provider, route):
    """The provider sends them the other way round."""
    found, usage = embed(route)
    assert [sum(vector) for vector in found] == [float(sum(text.encode())) for text in TEXTS]
    assert usage is not None
    assert (usage.input, usage.output) == (18, 0)


def test_what_is_asked_for(provider, route):
    embed(route)
    assert provider.requests[0].path == "/v1/embeddings"
    assert provider.requests[0].body == {"model": "llama", "input": TEXTS, "encoding_format": "float"}


def test_no_usage_is_unknown(provider, route):
    provider.answer_with(vectors([1.0], [2.0], [3.0]))
    assert embed(route) == ([[1.0], [2.0], [3.0]], None)


@pytest.mark.parametrize(
    "answer",
    [
        vectors([1.0], [2.0]),
        vectors([1.0], [2.0], [3.0], [4.0]),
        vectors([1.0], [2.0, 2.5], [3.0]),
        vectors([1.0], ["NaN"], [3.0]),
        vectors([1.0], [None], [3.0]),
        '{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [2]}, {"index": 1, "embedding": [3]}]}',
        "{}",
        "[]",
    ],
)
def test_vectors_that_cannot_be_those_of_the_texts_are_refused(provider, route, answer):
    provider.answer_with(answer)
    with pytest.raises(Failure) as caught:
        embed(route)
    assert caught.value.kind is FailureKind.MALFORMED


def test_vectors_have_the_length_of_their_model(provider, settings):
    settings.LLM_EMBEDDINGS = "openai/text-embedding-3-small"
    route = routing.for_embeddings()
    assert route is not None
    provider.answer_with(vectors([0.5] * 1536))
    assert len(embed(route, ["tea"])[0][0]) == 1536
    provider.answer_with(vectors([0.5] * 8))
    with pytest.raises(Failure):
        embed(route, ["tea"])


def test_faults_are_told_like_those_of_any_call(provider, route):
    provider.fail(429, retry_after=3)
    with pytest.raises(Failure) as caught:
        embed(route)
    assert (caught.value.kind, caught.value.retry_after) == (FailureKind.RATE_LIMITED, 3.0)


def test_what_it_costs_at_most_and_in_the_end(provider, settings):
    settings.LLM_EMBEDDINGS = "openai/text-embedding-3-small"
    route = routing.for_embeddings()
    assert route is not None
    provider.answer_with(vectors([0.5] * 1536, prompt_tokens=3, total_tokens=3))
    _found, usage = embed(route, ["Kyōto"])
    assert usage is not None
    assert (embeddings.upper_bound_ticks(route, ["Kyōto"]), pricing.cost_ticks(route, usage)) == (1_200, 600)


def test_many_texts_go_in_batches():
    texts = [str(number) for number in range(150)]
    batches = list(embeddings.batches(texts))
    assert [len(batch) for batch in batches] == [64, 64, 22]
    assert [text for batch in batches for text in batch] == texts


def test_without_the_setting_there_are_none():
    assert routing.for_embeddings() is None
