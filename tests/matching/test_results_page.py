import re
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse

from bookings.models import WaitlistEntry
from jobs.models import Job
from matching import runs, services
from matching.models import AlgorithmVersion, Factor, MatchReceipt, MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_review, make_trip, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def traveler(client):
    user = make_user("Rosa Traveler")
    client.force_login(user)
    return user


def matched(trip):
    run = services.request_match(trip)
    run.trip = trip
    runs.store(run, runs.compute(run))
    run.refresh_from_db()
    return run


def page(client, trip):
    return client.get(reverse("matching:results", args=[trip.pk]))


def test_the_page_comes_up_before_the_worker_is_done_and_asks_again(client, traveler, kyoto):
    trip = make_trip(kyoto, traveler=traveler)
    services.request_match(trip)
    html = page(client, trip).content.decode()
    assert f'hx-get="{reverse("matching:results_fragment", args=[trip.pk])}"' in html
    assert f'href="{reverse("matching:results", args=[trip.pk])}"' in html


def test_the_finished_page_shows_the_list_and_asks_no_more(client, traveler, kyoto):
    expert = make_expert(kyoto, name="Mei Tanaka", specialties={"street-food": 12}, verified=True)
    make_review(expert, rating=5)
    trip = make_trip(kyoto, traveler=traveler, interests=["street-food"])
    matched(trip).close_review(MatchRun.Review.DONE)
    response = page(client, trip)
    (card,) = response.context["scores"]
    html = response.content.decode()
    assert card.expert == expert
    assert sum(points for _, _, points, _ in card.points) == card.score
    assert "hx-get=" not in html.split('id="results"')[1]
    for text in ("Mei Tanaka", "Your top match", "Book with Mei", "1 review", "Verified", "12 trips"):
        assert text in html


def test_a_receipt_adds_up_for_every_candidate(kyoto):
    for depth in range(1, 30):
        make_expert(kyoto, specialties={"street-food": depth}, reindex=depth % 2 == 0)
    run = matched(make_trip(kyoto, interests=["street-food"], budget=Decimal(913)))
    scores = list(MatchScore.objects.filter(run=run).order_by("rank"))
    assert [score.rank for score in scores] == list(range(1, 30))
    assert all(sum(score.points) == score.score for score in scores)
    assert MatchReceipt.objects.filter(score__run=run).count() == 20
    assert [score.hidden for score in scores].count(MatchScore.Hidden.NO) == 5


def test_everyone_not_shown_has_a_reason(kyoto):
    for _ in range(6):
        make_expert(kyoto)
    make_expert(kyoto, languages={"ja": 7})
    run = matched(make_trip(kyoto))
    reasons = MatchScore.objects.filter(run=run).order_by("rank").values_list("hidden", flat=True)
    hidden = MatchScore.Hidden
    assert list(reasons) == [hidden.NO] * 5 + [hidden.NOT_IN_TOP, hidden.LANGUAGE_MISSING]


def test_a_market_without_a_fit_offers_the_waitlist(client, traveler, kyoto):
    trip = make_trip(kyoto, traveler=traveler)
    matched(trip)
    url = reverse("bookings:join_waitlist", args=[kyoto.pk])
    assert f'action="{url}"' in page(client, trip).content.decode()
    client.post(url, {"email": traveler.email, "trip": trip.pk})
    entry = WaitlistEntry.objects.get()
    assert (entry.market, entry.email, entry.trip) == (kyoto, traveler.email, trip)
    assert f'action="{url}"' not in page(client, trip).content.decode()


def test_a_failed_run_says_so(client, traveler, kyoto):
    trip = make_trip(kyoto, traveler=traveler)
    services.request_match(trip).move(MatchRun.State.FAILED)
    assert page(client, trip).context["failed"] is True


@pytest.mark.parametrize("experts", [1, 3])
def test_the_page_takes_six_queries_however_many_experts(
    client, traveler, kyoto, experts, django_assert_num_queries
):
    for _ in range(experts):
        make_expert(kyoto)
    trip = make_trip(kyoto, traveler=traveler)
    matched(trip)
    with django_assert_num_queries(6):
        page(client, trip)


def test_a_run_that_became_stale_while_it_worked_stores_nothing(kyoto):
    make_expert(kyoto)
    trip = make_trip(kyoto)
    run = services.request_match(trip)
    run.trip = trip
    outcome = runs.compute(run)
    newer = services.request_match(trip)
    runs.store(run, outcome)
    assert not MatchScore.objects.exists()
    assert list(trip.runs.current()) == [newer]


def test_a_run_that_gave_up_is_marked_failed(kyoto):
    from matching.tasks import run_failed

    run = services.request_match(make_trip(kyoto))
    run_failed(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == MatchRun.State.FAILED


def test_the_worker_ranks_and_finishes_the_job(kyoto):
    from matching.tasks import match_trip

    make_expert(kyoto)
    run = services.request_match(make_trip(kyoto))
    job = Job.objects.get()
    match_trip(job.pk)
    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.state, job.state, run.shown) == (MatchRun.State.DONE, Job.State.DONE, 1)


def test_the_terminal_prints_the_same_list(kyoto, capsys):
    for name in ("Aiko", "Ben"):
        make_expert(kyoto, name=name)
    trip = make_trip(kyoto)
    call_command("match_trip", trip.pk)
    text = capsys.readouterr().out
    run = trip.runs.current().get()
    assert run.state == MatchRun.State.DONE
    assert text.index("1. Aiko") < text.index("2. Ben")
    assert all(str(factor.label) in text for factor in Factor)


def test_a_terminal_asks_for_json(kyoto, capsys):
    import json

    make_expert(kyoto)
    trip = make_trip(kyoto)
    call_command("match_trip", trip.pk, "--json")
    (expert,) = json.loads(capsys.readouterr().out)["experts"]
    assert round(sum(expert["points"].values()), 1) == expert["score"]


def test_a_chance_of_being_booked_is_told_only_by_a_calibrated_version(client, traveler, kyoto):
    make_expert(kyoto)
    trip = make_trip(kyoto, traveler=traveler)
    matched(trip)
    assert "of such cases" not in page(client, trip).content.decode()
    model = {"weights": [0.2] * 5, "scale": 10.0, "positions": [0.0] * 5, "outside": 8.0}
    gate = {"code": "calibration", "passed": True}
    AlgorithmVersion.objects.update(fit={"gates": [gate], "model": model})
    matched(trip)
    assert re.search(r"Booked in about \d+ % of such cases", page(client, trip).content.decode())
