"""The rows of a ranking: stored as numbers, and never without the run and the expert they are of."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from accounts.bulk import copy_numbers
from experts.models import Expert, ExpertLanguage
from matching import runs, services
from matching.models import Exposure, MatchReceipt, MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_run, make_trip
from tests.matching.lists import matched

pytestmark = pytest.mark.django_db


def numbers(run_id, expert_ids, **columns):
    """Rows of scores of zero that nobody sees, but for what is said of them."""
    names = ["score_tenths", *MatchScore.VALUES, *MatchScore.POINTS]
    count = len(expert_ids)
    return {
        "run_id": np.full(count, run_id),
        "rank": np.arange(1, count + 1),
        "expert_id": np.array(expert_ids),
        "hidden": np.full(count, MatchScore.Hidden.NOT_IN_TOP),
        **{name: np.zeros(count, dtype=np.int64) for name in names},
        **columns,
    }


def test_rows_of_numbers_are_stored_as_they_are():
    run, expert = make_run(), make_expert()
    copy_numbers(
        MatchScore, numbers(run.pk, [expert.pk], rank=np.array([70_000]), trust_value=np.array([-7]))
    )
    score = MatchScore.objects.get()
    assert (score.run_id, score.expert_id) == (run.pk, expert.pk)
    assert (score.rank, score.trust_value, score.trust_points) == (70_000, -7, 0)
    assert (score.position, score.expertise_shift) == (None, 0)


def test_no_rows_are_none():
    copy_numbers(MatchScore, numbers(1, []))
    assert not MatchScore.objects.exists()


def test_a_number_too_large_for_its_column_is_refused_not_cut():
    run, expert = make_run(), make_expert()
    with pytest.raises(OverflowError, match="trust_value"):
        copy_numbers(MatchScore, numbers(run.pk, [expert.pk], trust_value=np.array([65_537])))
    assert not MatchScore.objects.exists()


@pytest.mark.parametrize("missing", ["run", "expert"])
def test_a_score_of_nobody_is_refused(missing):
    run, experts = make_run(), [make_expert(reindex=False).pk for _ in range(2)]
    given = (run.pk + 1, experts) if missing == "run" else (run.pk, [*experts, experts[-1] + 1])
    with pytest.raises(IntegrityError, match=f"A score of an? {missing}"), transaction.atomic():
        copy_numbers(MatchScore, numbers(*given))
    assert not MatchScore.objects.exists()


@pytest.mark.parametrize("parent", [MatchRun, Expert])
def test_whatever_deletes_a_parent_takes_its_scores_along(parent):
    run, experts = make_run(), [make_expert(reindex=False).pk for _ in range(2)]
    copy_numbers(MatchScore, numbers(run.pk, experts))
    gone = run.pk if parent is MatchRun else experts[0]
    ExpertLanguage.objects.all().delete()
    rows = parent.objects.filter(pk=gone)
    rows._raw_delete(rows.db)  # as Postgres alone would
    assert MatchScore.objects.count() == (0 if parent is MatchRun else 1)


def test_an_expert_who_leaves_takes_scores_and_receipts_along():
    market = make_market()
    mei, _ken = make_expert(market), make_expert(market, name="Ken Sato")
    run = matched(make_trip(market))
    assert MatchReceipt.objects.filter(score__expert=mei).exists()
    mei.delete()
    assert MatchScore.objects.filter(run=run).count() == MatchReceipt.objects.count() == 1


def test_an_expert_who_leaves_while_a_list_is_computed_lets_it_be_computed_anew():
    market = make_market()
    mei, _ken = make_expert(market), make_expert(market, name="Ken Sato")
    run = services.request_match(make_trip(market))
    outcome = runs.compute(run)
    mei.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        runs.store(run, outcome)
    assert runs.store(run, runs.compute(run)) is not None
    assert list(MatchScore.objects.values_list("expert__user__name", flat=True)) == ["Ken Sato"]
    assert Exposure.objects.count() == 1
