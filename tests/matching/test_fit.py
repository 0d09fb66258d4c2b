"""What an expert is told of their own scores, and that it is exact."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from experts import search
from experts.models import ExpertLanguage, ExpertSpecialty, Specialty, UnavailablePeriod
from matching import fit, improvements, replay, runs, services
from matching.improvements import NOTHING, Improvement
from matching.models import MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_trip, make_user
from travelers.models import Trip

pytestmark = pytest.mark.django_db
Hidden = MatchScore.Hidden
DAY = timezone.localdate() + timedelta(days=60)


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def mei(kyoto):
    """Who could do better in every way."""
    mei = make_expert(
        kyoto,
        specialties={"museums": 4},
        languages={"en": 4},
        response_hours=30,
        price_min=Decimal(80),
        price_max=Decimal(120),
        group_size_max=4,
    )
    UnavailablePeriod.objects.create(expert=mei, days=DateRange(DAY, DAY + timedelta(days=3)))
    return mei


def others(kyoto, count, **fields):
    skills = {"street-food": 6, "museums": 9}
    return [make_expert(kyoto, name=f"Other {n}", **{"specialties": skills} | fields) for n in range(count)]


def matched(trip):
    run = services.request_match(trip)
    run.trip = trip
    runs.store(run, runs.compute(run))
    return run


def trip_for(kyoto, **fields):
    wishes = {"interests": ["street-food", "city-history", "markets"], "budget": Decimal(1800), "adults": 5}
    return make_trip(kyoto, **wishes | {"languages": ["en", "fr"], "brief": "Old streets, please."} | fields)


def verify(expert):
    expert.verified = True


def answer_faster(expert):
    expert.response_hours = 4


def ask_less(expert):
    expert.price_min = Decimal(64)


def take_more(expert):
    expert.group_size_max = 5


def open_days(expert):
    expert.unavailable.all().delete()


def learn_french(expert):
    ExpertLanguage.objects.create(expert=expert, language="fr", level=5)


def better_english(expert):
    expert.languages.update(level=5)


def guide_to_food(expert):
    known = Specialty.objects.get(slug="street-food")
    ExpertSpecialty.objects.create(expert=expert, specialty=known, depth=5)


CHANGES = [
    (Improvement("verified"), verify),
    (Improvement("answers", amount=4), answer_faster),
    (Improvement("price", amount=20), ask_less),
    (Improvement("group", amount=5), take_more),
    (Improvement("calendar"), open_days),
    (Improvement("language", "fr", 5), learn_french),
    (Improvement("language", "en", 5), better_english),
    (Improvement("skill", "street-food", 5), guide_to_food),
]


@pytest.mark.parametrize(("improvement", "change"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_profile_really_changed_like_that_scores_so_on_the_same_trip(kyoto, mei, improvement, change):
    others(kyoto, 6)
    trip = trip_for(kyoto)
    score = matched(trip).scores.get(expert=mei)
    promised = rescored(score, [NOTHING, improvement])
    assert promised.points[:, 0].tolist() == score.point_tenths
    change(mei)
    mei.save()
    search.reindex([mei.pk])
    again = matched(trip).scores.get(expert=mei)
    assert promised.points[:, 1].tolist() == again.point_tenths
    assert again.score_tenths > score.score_tenths
    assert bool(promised.able[1]) == (again.hidden not in (Hidden.CALENDAR_CLOSED, Hidden.GROUP_TOO_LARGE))


def rescored(score, tried):
    groups = dict(Specialty.objects.values_list("slug", "group"))
    return improvements.rescore(replay.inputs_of(score.run), score, tried, groups)


def test_what_a_skill_brings_counts_in_its_neighbours_too(kyoto, mei):
    """Street food and markets are of one group: doing the one lets the other count as related."""
    trip = trip_for(kyoto, adults=2)
    group = Specialty.objects.get(slug="street-food").group
    beside = Specialty.objects.filter(group=group).exclude(slug="street-food").first()
    trip.wanted.create(specialty=beside)
    score = matched(trip).scores.get(expert=mei)
    promised = rescored(score, [Improvement("skill", "street-food", 5)])
    guide_to_food(mei)
    search.reindex([mei.pk])
    assert promised.points[:, 0].tolist() == matched(trip).scores.get(expert=mei).point_tenths


def test_what_a_review_moved_stays_moved(kyoto, mei):
    score = matched(trip_for(kyoto)).scores.get(expert=mei)
    plain = rescored(score, [NOTHING]).points
    score.communication_shift = 100
    assert (rescored(score, [NOTHING]).points - plain).ravel().tolist() == [0, 20, 0, 0, 0]


def test_the_report_promises_the_mean_gain_of_the_best_changes(kyoto, mei):
    others(kyoto, 6)
    scores = [matched(trip_for(kyoto, adults=n)).scores.get(expert=mei) for n in (2, 4)]
    changes = fit.report(mei)["changes"]
    gains = [change["gain"] for change in changes]
    assert len(gains) == fit.MOST_CHANGES
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] >= fit.LEAST_GAIN
    told = {each["kind"]: each["gain"] for each in changes if not each["about"]}
    assert told
    for kind, gain in told.items():
        amount = next(each["amount"] for each in changes if each["kind"] == kind)
        found = [rescored(score, [NOTHING, Improvement(kind, "", amount)]).scores for score in scores]
        total = sum(int(after - before) for before, after in found)
        assert gain == (total + 1) // 2


def test_of_two_price_cuts_one_is_named(kyoto, mei):
    matched(trip_for(kyoto, interests=(), languages=[], budget=Decimal(1250)))
    kinds = [change["kind"] for change in fit.report(mei)["changes"]]
    assert kinds.count("price") == 1


def test_nobody_is_told_to_do_what_is_done(kyoto):
    best = make_expert(
        kyoto, specialties={"street-food": 60}, verified=True, response_hours=1, price_min=1, price_max=900
    )
    matched(make_trip(kyoto, interests=["street-food"]))
    assert fit.report(best)["changes"] == []


def test_a_gain_brings_onto_the_page_where_it_passes_the_fifth(kyoto):
    others(kyoto, 6)
    late = make_expert(kyoto, specialties={"street-food": 6, "museums": 9}, response_hours=90)
    matched(trip_for(kyoto, adults=2))
    report = fit.report(late)
    (answers,) = [change for change in report["changes"] if change["kind"] == "answers"]
    assert report["hidden"] == [(Hidden.NOT_IN_TOP, 1)]
    assert (answers["lists"], report["compared"]) == (1, 1)


def test_the_counts_are_the_experts_own(kyoto, mei):
    others(kyoto, 2)
    matched(trip_for(kyoto, adults=9, kind=Trip.Kind.FOOD))
    matched(make_trip(kyoto, start=DAY + timedelta(days=20), kind=Trip.Kind.FOOD))
    report = fit.report(mei)
    tenths = list(MatchScore.objects.filter(expert=mei).values_list("score_tenths", flat=True))
    assert (report["runs"], report["shown"], report["positions"]) == (2, 1, [(3, 1)])
    assert report["hidden"] == [(Hidden.GROUP_TOO_LARGE, 1)]
    assert report["kinds"] == [("food", 2, (sum(tenths) + 1) // 2)]


def test_own_trips_do_not_count_and_of_others_the_last_run_does(kyoto, mei):
    matched(make_trip(kyoto, traveler=mei.user))
    trip = make_trip(kyoto, traveler=make_user())
    matched(trip)
    newer = matched(trip)
    services.request_match(trip)  # still queued: the stale one before it was real
    report = fit.report(mei)
    assert report["runs"] == 1
    assert report["latest"] == [newer.scores.get(expert=mei).pk]


def test_only_the_last_fifty_count(kyoto, mei, monkeypatch):
    monkeypatch.setattr(fit, "RUNS", 2)
    newest = [matched(make_trip(kyoto)).scores.get(expert=mei).pk for _ in range(3)]
    assert fit.report(mei)["latest"] == newest[:0:-1]


def test_a_run_without_inputs_is_left_out(kyoto, mei):
    matched(make_trip(kyoto))
    MatchScore.objects.get(expert=mei).run.inputs.delete()
    assert fit.report(mei)["runs"] == 0


def test_an_expert_without_runs_has_an_empty_report(mei):
    report = fit.report(mei)
    assert (report["runs"], report["score"], report["changes"], report["latest"]) == (0, None, [], [])
    assert json.loads(json.dumps(report))["factors"][0] == ["expertise", None, None]


# Of others


@pytest.mark.parametrize(("count", "told"), [(4, False), (5, True)])
def test_an_average_of_fewer_than_five_others_is_withheld(kyoto, mei, count, told):
    others(kyoto, count)
    matched(trip_for(kyoto))
    report = fit.report(mei)
    assert [others is not None for _, _, others in report["factors"]] == [told] * 5
    assert {change["lists"] is not None for change in report["changes"]} == {told}


def test_many_runs_with_few_others_do_not_make_them_many(kyoto, mei):
    """Five different people, but never five at once: one of them would make up most of an average."""
    for other in others(kyoto, 5):
        type(other).objects.exclude(pk__in=[mei.pk, other.pk]).update(accepting_clients=False)
        type(other).objects.filter(pk=other.pk).update(accepting_clients=True)
        matched(trip_for(kyoto))
    report = fit.report(mei)
    assert (report["runs"], report["compared"]) == (5, 0)
    assert {others for _, _, others in report["factors"]} == {None}


def test_the_average_is_of_the_others_alone_in_whole_points(kyoto, mei):
    made = others(kyoto, 4) + others(kyoto, 2, response_hours=2)
    run = matched(trip_for(kyoto))
    values = MatchScore.objects.filter(run=run, expert__in=made).values_list("communication_value", flat=True)
    told = {name: others for name, _, others in fit.report(mei)["factors"]}
    assert told["communication"] == round(sum(values) / 60)


def test_runs_with_few_others_add_nothing_to_the_average(kyoto, mei):
    made = others(kyoto, 5)
    matched(trip_for(kyoto))
    before = fit.report(mei)["factors"]
    type(mei).objects.filter(pk__in=[other.pk for other in made[1:]]).update(accepting_clients=False)
    type(mei).objects.filter(pk=made[0].pk).update(response_hours=90)
    matched(trip_for(kyoto))
    assert [row[2] for row in fit.report(mei)["factors"]] == [row[2] for row in before]


def test_the_report_names_nobody_and_counts_nobody(kyoto, mei):
    made = others(kyoto, 7)
    matched(trip_for(kyoto, traveler=make_user("Rosa Traveler")))
    text = json.dumps(fit.report(mei))
    assert "Other" not in text
    assert "Rosa" not in text
    assert set(fit.report(mei)) == {
        *(
            "runs",
            "score",
            "shown",
            "positions",
            "hidden",
            "factors",
            "compared",
            "kinds",
            "changes",
            "latest",
        )
    }
    own = set(MatchScore.objects.filter(expert=mei).values_list("pk", flat=True))
    assert set(fit.report(mei)["latest"]) <= own
    assert len(made) == 7


def test_a_run_that_failed_or_waits_is_no_run(kyoto, mei):
    services.request_match(make_trip(kyoto)).move(MatchRun.State.FAILED)
    services.request_match(make_trip(kyoto))
    assert fit.report(mei)["runs"] == 0
