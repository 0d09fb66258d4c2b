"""What travelers were shown and what they booked, as flat arrays: a row per shown expert, slate after slate."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.models import SHOWN, Factor

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

FACTORS = len(Factor)
NOTHING = -1


@dataclass(frozen=True, eq=False)
class Slates:
    """Slates in time order, oldest first. Raises ValueError where the arrays contradict each other.

    A slate shows one to five experts; its items are neighbours in the arrays of items.
    """

    values: Floats  # items × factors in the order of Factor, from 0 to 1
    positions: Integers  # per item: the place on the page, from 0
    slate: Integers  # per item: which slate shows it, from 0, ascending
    expert: Integers  # per item
    chosen: Integers  # per slate: the item that was booked, NOTHING when none was
    traveler: Integers  # per slate

    def __post_init__(self) -> None:
        for holds, problem in self._rules():
            if not holds:
                raise ValueError(problem)

    def __len__(self) -> int:
        return len(self.chosen)

    @cached_property
    def starts(self) -> Integers:
        """The first item of each slate."""
        return np.searchsorted(self.slate, np.arange(len(self)))

    @cached_property
    def booked(self) -> Booleans:
        """Per item."""
        booked = np.zeros(len(self.slate), dtype=bool)
        booked[self.chosen[self.has_booking]] = True
        return booked

    @cached_property
    def has_booking(self) -> Booleans:
        """Per slate."""
        return self.chosen != NOTHING

    @property
    def bookings(self) -> int:
        return int(self.has_booking.sum())

    def per_slate(self, items: Floats) -> Floats:
        """The sum over each slate of one figure per item."""
        return np.bincount(self.slate, items, minlength=len(self)).astype(float)

    def take(self, slates: Integers) -> "Slates":
        """These slates alone, in the order given; a slate may be taken more than once."""
        slates = np.asarray(slates, dtype=np.int64)
        sizes = np.bincount(self.slate, minlength=len(self))[slates]
        begins = np.cumsum(sizes) - sizes
        shift = self.starts[slates] - begins
        items = np.arange(sizes.sum()) + np.repeat(shift, sizes)
        chosen = self.chosen[slates]
        return Slates(
            values=self.values[items],
            positions=self.positions[items],
            slate=np.repeat(np.arange(len(slates)), sizes),
            expert=self.expert[items],
            chosen=np.where(chosen == NOTHING, NOTHING, chosen - shift),
            traveler=self.traveler[slates],
        )

    def split_latest(self, share: float) -> tuple["Slates", "Slates"]:
        """All but the latest share of the slates (0 to 1, rounded down), and that share."""
        cut = len(self) - int(len(self) * share)
        everything = np.arange(len(self))
        return self.take(everything[:cut]), self.take(everything[cut:])

    def _rules(self) -> list[tuple[bool, str]]:
        """What must hold, each with what to say when it does not. Later rules rest on earlier ones."""
        items, slates = len(self.slate), len(self.chosen)
        if self.values.shape != (items, FACTORS):
            return [(False, f"values must be {items} items × {FACTORS} factors, not {self.values.shape}.")]
        if len(self.positions) != items or len(self.expert) != items or len(self.traveler) != slates:
            return [(False, "slate, positions and expert need a figure per item, traveler one per slate.")]
        return [
            (bool(((self.values >= 0) & (self.values <= 1)).all()), "values must be from 0 to 1."),
            (self._in_order(), "slate must count up from 0, without a gap, to the last of chosen."),
            (self._placed(), f"positions must be from 0 to {SHOWN - 1}, each once in a slate."),
            (self._chosen_from_own(), "chosen must be an item of its own slate, or NOTHING."),
        ]

    def _in_order(self) -> bool:
        steps = np.diff(self.slate, prepend=-1, append=len(self.chosen))
        return bool(((steps == 0) | (steps == 1)).all() and steps[0] == 1 and steps[-1] == 1)

    def _placed(self) -> bool:
        fits = bool(((self.positions >= 0) & (self.positions < SHOWN)).all())
        places = self.slate * SHOWN + self.positions
        return fits and len(np.unique(places)) == len(places)

    def _chosen_from_own(self) -> bool:
        owners = np.flatnonzero(self.chosen != NOTHING)
        chosen = self.chosen[owners]
        within = bool(((chosen >= 0) & (chosen < len(self.slate))).all())
        return within and bool((self.slate[chosen] == owners).all())
