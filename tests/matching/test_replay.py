"""A run can be computed again from what was stored, whatever has happened since."""

import random
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from experts import search
from experts.models import Expert, ExpertLanguage, ExpertSpecialty, UnavailablePeriod
from markets.models import ExchangeRate
from matching import replay, services, tasks
from matching.inputs import Inputs
from matching.models import MatchInputs, MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_review, make_service, make_trip
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """A matched trip in a market of varied experts."""
    chance, kyoto = random.Random(1), make_market()
    trip = make_trip(
        kyoto,
        interests=["street-food", "wine"],
        brief="Gardens and crêpes",
        budget=Decimal("777.77"),
        time_zone="Asia/Kathmandu",
        communication_style="concise",
    )
    for _ in range(25):
        expert = make_expert(
            kyoto,
            bio=chance.choice(["I know gardens.", "Crêpes are my life.", "I drive."]),
            specialties={"street-food": chance.randint(1, 9)},
            languages={chance.choice(["en", "ja"]): chance.randint(1, 7)},
            price_min=Decimal(chance.randint(20, 200)),
            price_max=Decimal(300),
            response_hours=Decimal(chance.randint(1, 60)),
        )
        if chance.random() < 0.4:
            first = trip.window()[0] + timedelta(days=chance.randint(-2, 4))
            UnavailablePeriod.objects.create(expert=expert, days=DateRange(first, first + timedelta(days=3)))
    asked = services.request_match(trip)
    run_jobs()
    return MatchRun.objects.with_parts().get(pk=asked.pk)


def replayed(run):
    out = StringIO()
    call_command("replay_match", str(run.pk), stdout=out)
    return out.getvalue()


def test_everything_comes_out_as_it_was_stored(run):
    assert replayed(run).startswith("25 scores computed again from the stored inputs")


def test_inputs_come_back_bit_for_bit(run):
    data = bytes(MatchInputs.objects.get(run=run).data)
    assert Inputs.unpack(data).pack() == data


def test_what_became_of_profiles_trip_and_rates_makes_no_difference(run):
    Expert.objects.update(bio="Nothing", price_min=1, response_hours=99, verified=True, works=0)
    ExpertLanguage.objects.all().delete()
    ExpertSpecialty.objects.all().delete()
    UnavailablePeriod.objects.all().delete()
    ExchangeRate.objects.update(per_usd=3)
    for expert in Expert.objects.all()[:3]:
        make_service(expert, title="Gardens and crêpes")
        make_review(expert, rating=1)
    search.reindex(Expert.objects.values_list("pk", flat=True))
    run.trip.brief, run.trip.days, run.trip.budget = "Something else", 2, None
    run.trip.save()
    assert "every value, point and rank is the same" in replayed(run)


def test_who_has_left_since_is_no_difference(run):
    Expert.objects.filter(pk=run.scores.get(rank=1).expert_id).delete()
    assert replayed(run).startswith("24 scores")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trust_value": 1}, "the points are not value × weight"),
        ({"rank": 99}, "stands where expert"),
    ],
)
def test_a_stored_score_that_was_tampered_with_shows(run, change, said):
    MatchScore.objects.filter(run=run, rank=3).update(**change)
    with pytest.raises(CommandError, match="difference"):
        replayed(run)
    assert said in " ".join(replay.replay(run).differences)


def test_evidence_that_was_tampered_with_shows(run):
    receipt = run.scores.get(rank=1).receipt
    receipt.evidence["trust"]["years"] = 80
    receipt.save()
    assert "the evidence for trust differs" in " ".join(replay.replay(run).differences)


def test_other_formulas_are_named(run):
    MatchRun.objects.filter(pk=run.pk).update(algorithm="2025.01")
    run.refresh_from_db()
    assert replay.replay(run).differences == ["The formulas were 2025.01; this is 2026.11."]


def test_a_run_without_inputs_says_so(run):
    MatchInputs.objects.all().delete()
    with pytest.raises(CommandError, match="has no stored inputs"):
        replayed(run)


def test_a_run_that_does_not_exist_says_so(db):
    with pytest.raises(CommandError, match="There is no match run 999"):
        call_command("replay_match", "999")


def test_a_market_without_candidates_is_replayed_as_well(db):
    asked = services.request_match(make_trip(brief="Gardens"))
    run_jobs()
    assert replayed(asked).startswith("0 scores")


def age(run, days, **fields):
    MatchRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=days), **fields)


@pytest.mark.parametrize(
    ("days", "state", "kept"), [(29, "stale", 1), (31, "stale", 0), (399, "done", 1), (401, "done", 0)]
)
def test_inputs_are_forgotten_when_nobody_will_ask_for_them_any_more(run, days, state, kept):
    age(run, days, state=state)
    tasks.forget_inputs()
    assert (MatchInputs.objects.count(), MatchScore.objects.filter(run=run).count()) == (kept, 25)


def test_a_run_whose_inputs_were_forgotten_says_so(run):
    age(run, 401)
    tasks.forget_inputs()
    with pytest.raises(CommandError, match="no stored inputs"):
        replayed(run)
