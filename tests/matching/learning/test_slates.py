import dataclasses

import numpy as np
import pytest

from matching.learning.slates import NOTHING, Slates
from tests.slates import make_slates


def uneven():
    """Slates of two, one and three; the first item of the first and the last of the third are booked."""
    return Slates(
        values=np.arange(30).reshape(6, 5) / 30,
        positions=np.array([0, 1, 0, 2, 0, 1]),
        slate=np.array([0, 0, 1, 2, 2, 2]),
        expert=np.array([10, 11, 12, 13, 14, 15]),
        chosen=np.array([0, NOTHING, 5]),
        traveler=np.array([7, 8, 7]),
    )


def without(slates, **changes):
    return dataclasses.replace(slates, **{name: np.array(value) for name, value in changes.items()})


def test_what_is_booked_is_told_per_item_and_per_slate():
    slates = uneven()
    assert slates.booked.tolist() == [True, False, False, False, False, True]
    assert slates.has_booking.tolist() == [True, False, True]
    assert (slates.bookings, len(slates), slates.starts.tolist()) == (2, 3, [0, 2, 3])


def test_taken_slates_keep_their_items_and_bookings():
    taken = uneven().take(np.array([2, 0]))
    assert taken.expert.tolist() == [13, 14, 15, 10, 11]
    assert taken.expert[taken.booked].tolist() == [15, 10]
    assert taken.slate.tolist() == [0, 0, 0, 1, 1]
    assert taken.traveler.tolist() == [7, 7]


def test_a_slate_may_be_taken_twice():
    taken = uneven().take(np.array([0, 0]))
    assert taken.expert[taken.booked].tolist() == [10, 10]


def test_taking_all_changes_nothing():
    slates = make_slates(50)
    taken = slates.take(np.arange(50))
    for field in dataclasses.fields(Slates):
        assert (getattr(taken, field.name) == getattr(slates, field.name)).all()


def test_the_latest_share_is_rounded_down_and_the_rest_comes_before():
    past, latest = uneven().split_latest(0.5)
    assert (past.expert.tolist(), latest.expert.tolist()) == ([10, 11, 12], [13, 14, 15])


@pytest.mark.parametrize("share", [0, 0.2])
def test_nothing_can_be_split(share):
    past, latest = uneven().take(np.array([], dtype=np.int64)).split_latest(share)
    assert len(past) == len(latest) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": np.zeros((6, 4))}, "6 items × 5 factors"),
        ({"expert": [1, 2]}, "a figure per item"),
        ({"traveler": [1]}, "one per slate"),
        ({"values": np.full((6, 5), 1.1)}, "from 0 to 1"),
        ({"values": np.full((6, 5), np.nan)}, "from 0 to 1"),
        ({"slate": [0, 0, 2, 2, 2, 2]}, "count up"),
        ({"slate": [0, 0, 1, 1, 1, 1]}, "count up"),
        ({"slate": [0, 1, 0, 2, 2, 2]}, "count up"),
        ({"positions": [0, 1, 5, 2, 0, 1]}, "from 0 to 4"),
        ({"positions": [1, 1, 0, 2, 0, 1]}, "once in a slate"),
        ({"chosen": [2, NOTHING, 5]}, "its own slate"),
        ({"chosen": [0, NOTHING, 6]}, "its own slate"),
        ({"chosen": [-2, NOTHING, 5]}, "its own slate"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        without(uneven(), **changes)
