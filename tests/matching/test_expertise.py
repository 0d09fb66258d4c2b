import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matching.expertise import Asked, align, rarity, tally

POOL = 5
counts = arrays(np.int64, (3, POOL), elements=st.integers(0, 40))
totals = arrays(np.int64, POOL, elements=st.integers(0, 200))
weights = st.lists(st.sampled_from([1.0, 2.0]), min_size=3, max_size=3)


def asked(table, keys=None, weights=None, related=None):
    keys = keys or [f"key-{row}" for row in range(len(table))]
    return Asked(
        keys, weights or [1.0] * len(keys), table, related if related is None else np.asarray(related)
    )


def aligned(skills=(), words=(), works=None, texts=None, **kwargs):
    """Ten works and ten texts for every candidate unless told."""
    size = len(next(iter((*skills, *words))))
    return align(
        skills=asked(np.asarray(skills, dtype=np.int64).reshape(len(skills), size), **kwargs),
        words=asked(np.asarray(words, dtype=np.int64).reshape(len(words), size)),
        works=np.asarray(works if works is not None else [10] * size),
        texts=np.asarray(texts if texts is not None else [10] * size),
    )


def values(*args, **kwargs):
    return aligned(*args, **kwargs).values


@given(counts, counts, counts, weights, totals, totals)
def test_the_value_is_bounded_and_its_points_add_up(depth, related, said, weights, works, texts):
    result = aligned(depth, said, works, texts, weights=weights, related=related)
    for candidate, value in enumerate(result.values):
        evidence = result.evidence(candidate)
        points = [*evidence.skills.values(), evidence.focus, *evidence.words.values(), evidence.experience]
        assert 0 <= value <= 100
        assert min(points) >= 0
        assert sum(points) == pytest.approx(value)


@given(counts, counts, totals, totals, st.permutations(range(3)), st.permutations(range(POOL)))
def test_the_order_of_rows_does_not_matter(depth, said, works, texts, rows, columns):
    keys = ["wine", "temples", "ramen"]
    straight = align(skills=asked(depth, keys), words=asked(said, keys), works=works, texts=texts)
    shuffled_keys = [keys[row] for row in rows]
    shuffled = align(
        skills=asked(depth[rows][:, columns], shuffled_keys),
        words=asked(said[rows][:, columns], shuffled_keys),
        works=works[columns],
        texts=texts[columns],
    )
    assert shuffled.values.tolist() == straight.values[columns].tolist()


@given(counts, counts, weights, st.integers(0, 2), st.integers(1, 20))
def test_doing_more_of_a_wanted_skill_never_lowers_the_value(depth, related, weights, skill, more):
    depth[skill, 0] += 1  # held already, so that its rarity stays
    deeper = depth.copy()
    deeper[skill, 0] += more
    before = values(depth, weights=weights, related=related, works=depth.sum(axis=0))
    after = values(deeper, weights=weights, related=related, works=deeper.sum(axis=0))
    assert after[0] >= before[0] - 1e-9


@given(counts, weights, st.integers(0, 2), st.integers(1, 20))
def test_adding_a_wanted_skill_never_lowers_the_value(depth, weights, skill, more):
    depth[skill, 0] = 0
    wider = depth.copy()
    wider[skill, 0] = more
    before = values(depth, weights=weights, works=depth.sum(axis=0))
    after = values(wider, weights=weights, works=wider.sum(axis=0))
    assert after[0] >= before[0] - 1e-9


def test_covering_everything_with_depth_is_near_100_and_nothing_near_0():
    full, none = values(
        [[40, 0], [40, 0]], words=[[18, 0], [16, 0], [20, 0]], works=[80, 0], texts=[20, 20]
    ).round()
    assert full > 90
    assert none == 0


def test_a_rare_skill_counts_more_than_a_common_one():
    depth = [[5, 0, 0, 0], [0, 5, 5, 5]]
    rare, common, *_ = values(depth)
    assert rare > common


def test_a_must_have_counts_more_than_a_wish():
    must, wish = values([[5, 0], [0, 5]], weights=[2.0, 1.0])
    assert must > wish


def test_a_related_skill_counts_in_part():
    direct, related, neither = values([[6, 0, 0]], related=[[0, 6, 0]])
    assert direct > related > neither


def test_two_works_in_related_skills_are_as_deep_as_one_in_the_skill_itself():
    result = aligned([[0, 3]], related=[[6, 0]], works=[6, 6])
    # The root makes points of a part: part / √total. The value is √total.
    related, direct = result.depth_points[0] * result.values
    assert related == pytest.approx(direct)


def test_depth_has_diminishing_returns():
    once, twice, often, oftener = values([[1, 2, 20, 21]], works=[40] * 4)
    assert twice - once > 5 * (oftener - often)


def test_of_two_who_did_it_as_often_the_specialist_leads():
    specialist, generalist = aligned([[10, 10]], works=[12, 120]).focus_points
    assert specialist > 2 * generalist


def test_a_beginners_single_work_is_no_calling():
    beginner, veteran = values([[1, 20]], works=[1, 40])
    assert veteran > beginner


def test_more_texts_with_a_word_count_and_one_filler_text_hardly_does():
    _, once, padded = values([[4, 4, 4]], words=[[5, 1, 1], [0, 1, 1]], texts=[10, 10, 11])
    twice = values([[4, 4, 4]], words=[[5, 2, 1], [0, 1, 1]], texts=[10, 10, 11])[1]
    assert twice > once
    assert 0 < once - padded < 1


def test_a_word_everyone_writes_says_next_to_nothing():
    common, rare = aligned(words=[[3] * 50, [3] * 5 + [0] * 45]).word_points[:, 0]
    assert rare > 50 * common > 0


def test_a_brief_no_candidate_has_a_word_of_changes_nothing():
    depth = [[3, 0], [1, 7]]
    assert values(depth, words=[[0, 0], [0, 0]]).tolist() == values(depth).tolist()


def test_a_trip_that_asks_for_nothing_is_judged_by_experience_alone():
    half_and_three_quarters = values(words=[[0, 0, 0]], works=[0, 20, 60])
    assert half_and_three_quarters == pytest.approx([0, 100 * 0.5**0.5, 100 * 0.75**0.5])


def test_an_empty_pool_has_no_values():
    assert values([[], []], words=[[], []]).tolist() == []


def test_rarity_runs_from_one_for_a_single_holder_to_next_to_nothing():
    assert [round(rarity(holders, 100), 2) for holders in (0, 1, 10, 100)] == [1, 1, 0.54, 0]
    assert rarity(1, 1) == 1


def test_tally_places_counts_by_id_and_leaves_strangers_out():
    rows = [("ramen", [30, 10, 99], [3, 1, 9]), ("golf", [10], [4])]
    assert tally(["onsen", "ramen"], np.array([10, 20, 30]), rows).tolist() == [[0, 0, 0], [1, 0, 3]]
    assert tally(["ramen"], np.array([], dtype=np.int64), rows).tolist() == [[]]
