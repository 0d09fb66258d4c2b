"""Neighbours take turns with a known probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

CLOSE = 30


@dataclass(frozen=True)
class Placed:
    item: int
    propensity: float


def arrange(scores: Sequence[int], *, seed: int, probability: float) -> list[Placed]:
    rng = Random(seed)  # noqa: S311
    offset = rng.randrange(2)
    order = list(range(len(scores)))
    for first in range(offset, len(scores) - 1, 2):
        if scores[first] - scores[first + 1] < CLOSE and rng.random() < probability:
            order[first], order[first + 1] = order[first + 1], order[first]
    return [Placed(item, _propensity(scores, item, place, probability)) for place, item in enumerate(order)]


def _propensity(scores: Sequence[int], item: int, place: int, probability: float) -> float:
    def close(left: int) -> bool:
        return 0 <= left < len(scores) - 1 and scores[left] - scores[left + 1] < CLOSE

    if item != place:
        return probability / 2
    return 1 - probability / 2 * (close(place - 1) + close(place))
