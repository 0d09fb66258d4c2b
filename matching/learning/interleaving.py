from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random


@dataclass(frozen=True)
class Pick:
    item: int
    team: str


def team_draft(a: Sequence[int], b: Sequence[int], *, seed: int, length: int) -> list[Pick]:
    rng = Random(seed)  # noqa: S311
    picks: list[Pick] = []
    taken: set[int] = set()
    while len(picks) < length and len(taken) < len(set(a) | set(b)):
        for team, ranking in rng.sample([("a", a), ("b", b)], 2):
            item = next((one for one in ranking if one not in taken), None)
            if item is not None and len(picks) < length:
                taken.add(item)
                picks.append(Pick(item, team))
    return picks


def share_of(key: str) -> float:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64
