"""The algebra of periods, checked minute by minute against sets."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from experts.calendar.periods import clip, holds, length, subtract, union

ORIGIN = datetime(2027, 1, 1, tzinfo=UTC)


def at(minute):
    return ORIGIN + timedelta(minutes=minute)


period = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (at(pair[0]), at(pair[1])))
several = st.lists(period, max_size=8)


def minutes(periods):
    return {n for start, end in periods for n in range(60) if start <= at(n) < end}


def apart(periods):
    return all(start < end for start, end in periods) and all(
        one[1] < other[0] for one, other in itertools.pairwise(periods)
    )


@given(several)
def test_a_union_has_every_minute_once(periods):
    joined = union(periods)
    assert minutes(joined) == minutes(periods)
    assert apart(joined)
    assert length(joined) == timedelta(minutes=len(minutes(periods)))


@given(several, several)
def test_what_is_subtracted_is_gone_and_nothing_else(periods, cuts):
    left = subtract(periods, cuts)
    assert minutes(left) == minutes(periods) - minutes(cuts)
    assert apart(left)


@given(several, st.integers(0, 60), st.integers(0, 60))
def test_what_is_clipped_lies_between(periods, start, end):
    kept = clip(union(periods), at(start), at(end))
    assert minutes(kept) == minutes(periods) & set(range(start, end))


@given(several, period)
def test_a_period_is_held_where_all_its_minutes_are(periods, asked):
    start, end = asked
    if start < end:
        assert holds(union(periods), start, end) == (minutes([asked]) <= minutes(periods))
