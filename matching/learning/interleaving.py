"""Two rankings compared in one list.

Team-draft interleaving: Radlinski, Kurup and Joachims 2008, "How does clickthrough data reflect retrieval quality?".
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Generic, TypeVar

import numpy as np

Item = TypeVar("Item", bound=Hashable)


class Team(StrEnum):
    A = "a"
    B = "b"


@dataclass(frozen=True)
class Pick(Generic[Item]):
    item: Item
    team: Team


def takes_part(experiment: str, trip: int, share: float) -> bool:
    """Whether a trip is among the share (0 to 1). Always the same answer; a larger share keeps those of a smaller."""
    digest = sha256(f"{experiment}:{trip}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def team_draft(a: Sequence[Item], b: Sequence[Item], *, size: int, seed: int) -> list[Pick[Item]]:
    """The list to show, at most `size` long. It ends early when the team whose turn it is has nobody left.

    The team with fewer picks is next, a coin decides between equals; it picks its best who is not in the list yet.
    """
    rng = np.random.default_rng(seed)
    rankings = {Team.A: a, Team.B: b}
    picks: list[Pick[Item]] = []
    while len(picks) < size:
        team = _next_team(picks, heads=bool(rng.integers(2)))
        taken = {pick.item for pick in picks}
        left = [item for item in rankings[team] if item not in taken]
        if not left:
            break
        picks.append(Pick(left[0], team))
    return picks


def _next_team(picks: list[Pick[Item]], *, heads: bool) -> Team:
    lead = sum(1 if pick.team == Team.A else -1 for pick in picks)
    if lead == 0:
        return Team.A if heads else Team.B
    return Team.B if lead > 0 else Team.A


def credited(picks: Iterable[Pick[Item]], booked: Collection[Item]) -> Team | None:
    """The team that more of the booked were picked by; None for a tie, which counts for nobody."""
    lead = sum(1 if pick.team == Team.A else -1 for pick in picks if pick.item in booked)
    if lead == 0:
        return None
    return Team.A if lead > 0 else Team.B
