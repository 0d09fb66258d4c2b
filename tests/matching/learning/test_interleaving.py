from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.learning import sequential
from matching.learning.interleaving import (
    Pick,
    Team,
    credited,
    takes_part,
    team_draft,
)
from matching.learning.sequential import judge, running_p_values

A, B = Team.A, Team.B
rankings = st.permutations(list("uvwxyz"))
seeds = st.integers(0, 2**32)


def items(picks):
    return [pick.item for pick in picks]


@given(rankings, rankings, seeds)
def test_teams_pick_their_best_in_turns(a, b, seed):
    picks = team_draft(a, b, size=5, seed=seed)
    assert len(set(items(picks))) == 5
    for place, pick in enumerate(picks):
        ranking = a if pick.team == A else b
        assert pick.item == next(item for item in ranking if item not in items(picks[:place]))
    for count in (2, 4):
        assert sum(pick.team == A for pick in picks[:count]) == count / 2


@given(rankings, seeds)
def test_equal_rankings_are_shown_as_they_are(ranking, seed):
    assert items(team_draft(ranking, ranking, size=6, seed=seed)) == list(ranking)


def test_each_team_begins_half_of_the_lists():
    begun = [team_draft("xy", "yx", size=2, seed=seed)[0].team for seed in range(2000)]
    assert begun.count(A) == pytest.approx(1000, abs=100)


def test_who_books_by_place_alone_favours_no_ranking():
    rng = np.random.default_rng(0)
    wins = []
    for seed in range(2000):
        picks = team_draft("uvwxyz", "zyxwvu", size=5, seed=seed)
        place = rng.choice(5, p=[0.5, 0.2, 0.15, 0.1, 0.05])
        wins.append(credited(picks, {picks[place].item}) == A)
    assert sum(wins) == pytest.approx(1000, abs=100)


def test_who_books_the_best_lets_the_better_ranking_win():
    better = [credited(team_draft("uvwxyz", "zyxwvu", size=3, seed=seed), {"u"}) for seed in range(100)]
    assert better.count(A) == 100


def test_a_list_ends_with_the_one_who_has_nobody_left():
    assert len(team_draft("u", "uvwxyz", size=5, seed=0)) <= 3
    assert team_draft("", "", size=5, seed=0) == []


def test_credit_goes_to_the_team_with_more_bookings():
    picks = [Pick("u", A), Pick("v", B), Pick("w", B)]
    assert credited(picks, {"u"}) == A
    assert credited(picks, {"u", "v", "w"}) == B
    assert credited(picks, {"u", "v"}) is None
    assert credited(picks, {"other"}) is None


def test_even_play_is_seldom_called_a_win_however_often_one_looks():
    games = np.random.default_rng(0).random((1000, 1000)) < 0.5
    called = [running_p_values(wins)[-1] <= 0.05 for wins in games]
    assert sum(called) <= 50


def test_a_real_difference_is_found():
    games = np.random.default_rng(0).random((50, 1000)) < 0.6
    verdicts = [judge([A if won else B for won in wins]) for wins in games]
    assert [verdict.winner for verdict in verdicts].count(A) == 50


def test_the_interval_holds_the_true_share_at_all_times():
    games = np.random.default_rng(1).random((200, 400)) < 0.7
    left = 0
    for wins in games:
        seen = [judge([A if won else B for won in wins[:count]]).share for count in (1, 5, 20, 100, 400)]
        left += any(not low <= 0.7 <= high for low, high in seen)
    assert left <= 10


@given(st.lists(st.sampled_from([A, B, None]), max_size=60))
@settings(deadline=None)
def test_teams_are_judged_alike_and_ties_are_passed_over(outcomes):
    turned = judge([{A: B, B: A, None: None}[outcome] for outcome in outcomes])
    plain = judge([outcome for outcome in outcomes if outcome])
    verdict = judge(outcomes)
    assert verdict == plain
    assert (verdict.a, verdict.b, verdict.p_value) == (turned.b, turned.a, pytest.approx(turned.p_value))
    assert verdict.share == pytest.approx((1 - turned.share.high, 1 - turned.share.low), abs=1e-6)


def test_no_wins_tell_nothing():
    verdict = judge([None, None])
    assert (verdict.p_value, verdict.share, verdict.winner) == (1.0, (0.0, 1.0), None)


def test_a_winner_stays_the_winner():
    outcomes = [A] * 60 + [B] * 60
    assert judge(outcomes[:60]).winner == judge(outcomes).winner == A
    assert all(
        later <= earlier
        for earlier, later in pairwise(running_p_values(np.array([o == A for o in outcomes])))
    )


def test_the_p_value_reaches_alpha_as_the_interval_leaves_one_half():
    for lead in range(10, 80):
        verdict = judge([A] * lead + [B] * 10)
        at_end = sequential._log_ratio(lead, 10, 0.5) >= np.log(20)
        assert (verdict.share.low > 0.5) == at_end


def test_a_larger_share_keeps_the_trips_of_a_smaller():
    few = {trip for trip in range(5000) if takes_part("v7", trip, 0.1)}
    more = {trip for trip in range(5000) if takes_part("v7", trip, 0.3)}
    assert few < more
    assert len(few) == pytest.approx(500, abs=70)


def test_experiments_draw_their_trips_apart():
    both = sum(takes_part("v7", trip, 0.5) and takes_part("v8", trip, 0.5) for trip in range(4000))
    assert both == pytest.approx(1000, abs=100)


def test_nobody_and_everybody_take_part_at_the_ends():
    assert not any(takes_part("v7", trip, 0) for trip in range(500))
    assert all(takes_part("v7", trip, 1) for trip in range(500))


def test_a_trip_is_assigned_as_it_was_in_other_processes():
    assert [trip for trip in range(12) if takes_part("v7", trip, 0.3)] == [4, 5, 7, 10, 11]
