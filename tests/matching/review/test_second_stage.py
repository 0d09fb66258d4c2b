"""A model looks at the first twelve, and code decides what counts."""

from decimal import Decimal

import numpy as np
import pytest

from experts import search
from jobs.models import Job
from llm.models import Call
from matching import engine, judging, services
from matching.models import MOST_SHIFT, REVIEWED, Exposure, MatchRun
from matching.tasks import review_match
from tests.factories import make_expert, make_service, make_trip
from tests.matching.review.minds import opening

pytestmark = pytest.mark.django_db
Review = MatchRun.Review


def crowd(market, count, **fields):
    """Experts who differ a little in price, so that their order is sure."""
    return [
        make_expert(
            market, price_min=Decimal(80 + 12 * number), price_max=Decimal(120 + 12 * number), **fields
        )
        for number in range(count)
    ]


def trip_to(market, **fields):
    return make_trip(market, brief="We want to learn about gardens", budget=Decimal(1000), **fields)


def scores(run):
    return list(run.scores.select_related("receipt").order_by("rank"))


def test_a_good_rating_moves_the_factor_and_the_score_with_it(kyoto, mind, reviewed):
    gardener = make_expert(kyoto, bio="I have looked after temple gardens for thirty years.")
    mind.likes = {"temple gardens": 4}
    run = reviewed(trip_to(kyoto))
    score = run.scores.get(expert=gardener)
    assert (run.review, score.expertise_shift) == (Review.DONE, 150)
    assert score.score_tenths == sum(score.point_tenths)
    assert score.point_tenths == engine.weighted(np.array([score.tenths]).T)[:, 0].tolist()


def test_the_receipt_keeps_rating_quote_and_reasoning(kyoto, mind, reviewed):
    make_expert(kyoto, bio="I have looked after temple gardens for thirty years.")
    mind.likes = {"temple gardens": 4}
    (score,) = scores(reviewed(trip_to(kyoto)))
    rated = score.receipt.review["ratings"]["expertise"]
    assert (rated["given"], rated["source"], rated["shift"]) == ([4], "profile", score.expertise_shift)
    assert "temple gardens" in rated["quote"]
    assert score.receipt.review["reasoning"].startswith("You can expect calm walks")
    assert score.receipt.review["strengths"][0]["evidence"]


def test_no_more_than_twelve_are_looked_at_however_many_there_are(kyoto, mind, reviewed):
    crowd(kyoto, 15)
    run = reviewed(trip_to(kyoto))
    assert len(mind.seen[0]["experts"]) == REVIEWED
    assert sum(bool(score.receipt.review) for score in scores(run)) == REVIEWED


def test_a_better_rated_expert_passes_another(kyoto, mind, reviewed):
    first, second = crowd(kyoto, 2)
    make_service(second, title="Moss and maples", description="A morning among moss walls with their keeper.")
    search.reindex([second.pk])
    mind.likes, mind.usual = {"moss walls": 4}, 0
    run = reviewed(make_trip(kyoto, budget=Decimal(900), interests=["street-food"]))
    assert [score.expert_id for score in scores(run)] == [second.pk, first.pk]
    assert [score.receipt.review["first"]["rank"] for score in scores(run)] == [2, 1]
    assert list(run.scores.order_by("position").values_list("position", "rank")) == [(1, 1), (2, 2)]


def test_what_stood_where_is_noted_before_and_after(kyoto, mind, reviewed):
    crowd(kyoto, 7, verified=True)
    run = reviewed(make_trip(kyoto))
    noted = Exposure.objects.filter(run=run).values_list("reviewed", "position")
    assert sorted(noted) == [(stage, place) for stage in (False, True) for place in range(1, 6)]


@pytest.mark.parametrize(
    ("value", "ratings", "moved"),
    [
        (500, [2], 0),
        (500, [3], 125),
        (500, [4], MOST_SHIFT),
        (500, [0], -MOST_SHIFT),
        (900, [3, 4], -12),
        (0, [0], 0),
        (1000, [4], 0),
        (990, [4], 5),
    ],
)
def test_a_shift_leads_half_the_way_and_fifteen_points_at_most(value, ratings, moved):
    assert judging.shift(value, ratings) == moved
    assert 0 <= value + moved <= 1000


def test_close_scores_are_asked_about_twice_in_another_order(kyoto, mind, reviewed):
    [make_expert(kyoto) for _ in range(6)]
    reviewed(trip_to(kyoto))
    orders = [[record["expert"] for record in facts["experts"]] for facts in mind.seen]
    assert len(orders) == 2
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_scores_far_apart_need_no_second_opinion(kyoto, mind, reviewed):
    make_expert(kyoto, specialties={"street-food": 30}, verified=True)
    make_expert(kyoto)
    reviewed(trip_to(kyoto, interests=["street-food"]))
    assert len(mind.seen) == 1


def test_opinions_that_lie_far_apart_leave_what_was_computed(kyoto, mind, reviewed):
    [make_expert(kyoto) for _ in range(2)]

    def moody(answer, facts):
        for rating in answer["ratings"]:
            rating["rating"] = 4 if len(mind.seen) == 1 else 1

    mind.edits = moody
    run = reviewed(trip_to(kyoto))
    assert (run.review, run.dropped) == (Review.DONE, 2)
    assert {score.expertise_shift for score in scores(run)} == {0}
    assert {score.receipt.review["dropped"][0]["why"] for score in scores(run)} == {"opinions_differ"}


def test_opinions_that_are_near_count_by_their_mean(kyoto, mind, reviewed):
    [make_expert(kyoto) for _ in range(2)]

    def wavering(answer, facts):
        for rating in answer["ratings"]:
            rating["rating"] = 3 if len(mind.seen) == 1 else 2

    mind.edits = wavering
    run = reviewed(trip_to(kyoto))
    for score in scores(run):
        first = score.expertise_value - score.expertise_shift
        assert score.expertise_shift == min(150, (625 - first + 1) // 2)
        assert score.receipt.review["ratings"]["expertise"]["given"] == [3, 2]


def test_names_stay_here(kyoto, mind, reviewed):
    make_expert(kyoto, name="Mei Tanaka", bio="I, Mei, show gardens. The Tanaka family keeps them.")
    reviewed(trip_to(kyoto))
    assert "Mei" not in str(mind.seen)
    assert "Tanaka" not in str(mind.seen)


def test_long_texts_are_cut_to_the_length_of_others(kyoto, mind, reviewed):
    make_expert(kyoto, bio="Gardens and moss. " * 200)
    make_expert(kyoto, bio="Gardens and tea. " * 50)
    reviewed(trip_to(kyoto))
    lengths = [len(record["profile"]) for record in mind.seen[0]["experts"]]
    assert max(lengths) <= 700
    assert max(lengths) - min(lengths) < 20


def test_a_second_worker_reviews_nothing_twice(kyoto, mind, reviewed):
    crowd(kyoto, 3)
    run = reviewed(trip_to(kyoto))
    job = Job.objects.get(kind=review_match.name)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, finished_at=None)
    review_match(job.pk)
    assert Exposure.objects.filter(run=run, reviewed=True).count() == 3
    assert len(mind.seen) <= 2


def test_a_trip_that_changed_meanwhile_keeps_nothing_of_the_review(kyoto, mind, reviewed, monkeypatch):
    crowd(kyoto, 2)
    trip = trip_to(kyoto)
    judge = judging.judge

    def overtaken(run):
        monkeypatch.setattr(judging, "judge", judge)
        judged = judge(run)
        services.request_match(trip)
        return judged

    monkeypatch.setattr(judging, "judge", overtaken)
    first = reviewed(trip)
    assert (first.state, first.review) == ("stale", Review.PENDING)
    assert not first.scores.exclude(expertise_shift=0).exists()
    assert MatchRun.objects.current().get(trip=trip).review == Review.DONE


def test_the_same_question_costs_once(kyoto, mind, reviewed):
    make_expert(kyoto)
    trip = trip_to(kyoto)
    first, second = reviewed(trip), reviewed(trip)
    assert first.review_cost > 0
    assert second.review_cost == 0
    assert [score.tenths for score in scores(first)] == [score.tenths for score in scores(second)]
    assert Call.objects.filter(source="model").count() == 1


def test_whose_data_went_out_is_on_record(kyoto, mind, reviewed):
    expert = make_expert(kyoto)
    reviewed(trip_to(kyoto))
    assert list(Call.objects.get(source="model").disclosures.values_list("user", flat=True)) == [
        expert.user_id
    ]


def test_the_records_texts_are_openings_of_real_ones(kyoto, mind, reviewed):
    expert = make_expert(kyoto, headline="Quiet gardens", bio="I walk with you at dawn.")
    reviewed(trip_to(kyoto))
    (record,) = mind.seen[0]["experts"]
    assert opening(record["profile"], 2) == expert.headline
