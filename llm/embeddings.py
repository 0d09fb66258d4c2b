"""Vectors of texts, by any route that speaks like OpenAI: the one that settings.LLM_EMBEDDINGS names, if any."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from pydantic import ValidationError

from accounts.models import User
from llm import admission, ledger, routing, switches
from llm.attempts import Attempts
from llm.dialects import common, faults, parsed
from llm.errors import Disabled
from llm.privacy import Scrubber
from llm.prompt import Tier
from llm.routing import Route
from llm.wire import Reply, Usage

PATH = "/embeddings"
PURPOSE = "embedding"
BATCH = 64  # texts of one call; a failure repeats no more than these


def embed(
    texts: Sequence[str], *, user: User | None = None, about: Iterable[User] = (), people: Iterable[str] = ()
) -> list[list[float]]:
    """A vector for each text, in their order: budgeted, booked and scrubbed like any question.

    `user`, `about` and `people` as in gateway.ask. Raises Disabled where no route is named or it is turned off, and
    what ask raises.
    """
    found = routing.for_embeddings() if switches.enabled(PURPOSE) else None
    if found is None:
        raise Disabled
    scrubber = Scrubber(people)
    scrubbed = [scrubber.scrub(text) for text in texts]
    ids = frozenset(person.pk for person in about)
    return [
        vector for batch in batches(scrubbed) for vector in _embedded(found, batch, user, ids, scrubber.found)
    ]


def _embedded(
    found: Route, batch: Sequence[str], user: User | None, about: frozenset[int], replaced: Mapping[str, int]
) -> list[list[float]]:
    question = ledger.Question(
        purpose=PURPOSE,
        prompt="llm.embedding",
        version=1,
        text="\n\n".join(batch),
        user_id=user.pk if user else None,
        allowance=admission.allowance_of(user),
        about=about,
        replaced=replaced,
    )
    seconds = settings.LLM_TIMEOUTS[Tier.FAST]
    return Attempts(question, _Batch(batch), (found,), seconds=seconds).run().output


class _Batch:
    """Texts to be made vectors by one call."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.vectors: list[list[float]] = []

    def ticks(self, route: Route) -> int:
        return upper_bound_ticks(route, self.texts)

    def send(self, route: Route, timeout: float) -> Reply:
        self.vectors, usage = embed_once(route, self.texts, timeout=timeout)
        return Reply(text="", model=route.model, usage=usage)

    def read(self, reply: Reply) -> list[list[float]]:
        return self.vectors

    def mend(self, reply: Reply, error: ValidationError) -> None:
        """Vectors are checked as they come."""

    def again(self) -> None:
        self.vectors = []


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def upper_bound_ticks(route: Route, texts: Sequence[str]) -> int:
    """No tokenizer makes more tokens than there are bytes."""
    return sum(len(text.encode()) for text in texts) * route.price.input if route.price else 0


def embed_once(
    route: Route, texts: Sequence[str], *, timeout: float
) -> tuple[list[list[float]], Usage | None]:
    """A vector for each text, in their order, by one call. Raises errors.Failure."""
    from llm import clients  # noqa: PLC0415  # loads an HTTP client

    body = {"model": route.model, "input": list(texts), "encoding_format": "float"}
    with clients.post(route.provider, PATH, body, timeout=timeout) as response:
        data = parsed(route.provider, b"".join(clients.chunks(route.provider, response)))
    try:
        return _vectors(route, data, len(texts)), _usage(data.get("usage"))
    except (LookupError, TypeError, AttributeError, ValueError):
        raise faults.malformed(route.provider.name) from None


def _vectors(route: Route, data: Mapping[str, Any], count: int) -> list[list[float]]:
    found = sorted(data["data"], key=lambda item: item["index"])
    if [item["index"] for item in found] != list(range(count)):
        raise ValueError("not one vector for each text")
    vectors = [[float(number) for number in item["embedding"]] for item in found]
    length = route.dimensions or len(vectors[0])
    if any(len(vector) != length or not all(map(math.isfinite, vector)) for vector in vectors):
        raise ValueError("not the vectors of this model")
    return vectors


def _usage(raw: Mapping[str, Any] | None) -> Usage | None:
    return Usage(input=common.count(raw["prompt_tokens"]), output=0, raw=dict(raw)) if raw else None
