"""Experts and trips at the edges of what the tables take: each is ranked, stored and shown."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from experts.models import Specialty
from markets.models import ExchangeRate
from matching import wording
from matching.models import Factor, MatchScore
from matching.services import request_match
from tests.factories import make_expert, make_market, make_review, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

MOST = 32_767  # of a smallint
EXPERTS: dict[str, dict[str, Any]] = {
    "with nothing": {"languages": {}, "bio": "", "headline": "", "active_since": None},
    "not indexed": {"reindex": False},
    "almost free": {"price_min": Decimal("0.01"), "price_max": Decimal("0.01"), "response_hours": 0},
    "unaffordable": {"price_min": Decimal("99999999.99"), "price_max": Decimal("99999999.99")},
    "never answering": {"response_hours": Decimal("9999.9"), "group_size_max": 1},
    "knowing everything": {"specialties": dict.fromkeys(["street-food", "day-hikes", "wine"], MOST)},
    "worst rated": {"review_count": 10**6, "rating_sum": 10**6},
    "best rated": {
        "review_count": 10**8,
        "rating_sum": 5 * 10**8,
        "recent_review_count": 10**8,
        "recent_rating_sum": 5 * 10**8,
        "repeat_clients": 10**8,
        "completed_bookings": 1,
    },
    "in dinars": {"price_min": Decimal(30), "price_max": Decimal(40), "currency": "KWD"},
    "in rials": {"price_min": Decimal(9_000_000), "price_max": Decimal(9_900_000), "currency": "IRR"},
    "a thousand years old": {"active_since": "1026-01-01"},
}
TRIPS: dict[str, dict[str, Any]] = {
    "asking for nothing": {"languages": []},
    "of the least money": {"budget": Decimal("0.01"), "adults": 50, "children": 50, "days": 90},
    "of the most money": {"budget": Decimal("9999999999.99"), "adults": 1, "days": 1},
    "wanting everything": {
        "interests": ["street-food", "day-hikes"],
        "musts": ["wine", "museums"],
        "languages": ["en", "ja", "xx"],
        "communication_style": "formal",
        "time_zone": "Pacific/Niue",
        "currency": "JPY",
        "budget": Decimal(1),
    },
    "of many words": {"brief": " ".join(f"word{number}" for number in range(700))},
    "of one endless word": {"brief": "x" * 5000},
    "in no letters": {
        "brief": "🍜🎏 ¿¡?! \u202e\u200f‏ 1/2 -- ''' \\ %s {x} <b>&amp;</b>",
        "must_haves": "!!!",
    },
    "in other scripts": {"brief": "مرشد في المدينة القديمة かまど 陶芸 שלום", "nice_to_haves": "Ω"},
}


@pytest.fixture
def kyoto():
    return make_market()


def matched(client, trip):
    """The run's scores and the page, as the traveler gets them."""
    run = request_match(trip)
    run_jobs()
    run.refresh_from_db()
    assert run.state == "done"
    client.force_login(trip.traveler)
    html = client.get(reverse("matching:results", args=[trip.pk])).content.decode()
    return list(run.scores.select_related("receipt").order_by("rank")), html


def check(scores, html):
    for score in scores:
        assert all(0 <= value <= 100 for value in score.values)
        assert sum(score.points) == score.score
        assert all(facts for _, facts in wording.evidence(score.receipt.evidence))
    shown = [score for score in scores if score.hidden == MatchScore.Hidden.NO]
    assert html.count('<article class="card match') == len(shown) <= 5
    assert all(score.score >= 50 for score in shown)
    assert "NaN" not in html


@pytest.mark.parametrize("fields", EXPERTS.values(), ids=EXPERTS)
def test_every_kind_of_expert_is_ranked_alone(client, kyoto, fields):
    make_expert(kyoto, **fields)
    trip = make_trip(kyoto, traveler=make_user(), interests=["wine"], budget=Decimal(900), brief="walk")
    scores, html = matched(client, trip)
    assert len(scores) == 1
    check(scores, html)


@pytest.mark.parametrize("asked", TRIPS.values(), ids=TRIPS)
def test_every_kind_of_trip_is_ranked_among_all_of_them(client, kyoto, asked):
    for fields in EXPERTS.values():
        make_expert(kyoto, **fields)
    scores, html = matched(client, make_trip(kyoto, traveler=make_user(), **asked))
    assert len(scores) == len(EXPERTS)
    check(scores, html)


def test_a_market_of_one_has_a_top_match(client, kyoto):
    make_review(make_expert(kyoto, name="Mei Tanaka"))
    scores, html = matched(client, make_trip(kyoto, traveler=make_user()))
    assert [(score.rank, score.hidden) for score in scores] == [(1, MatchScore.Hidden.NO)]
    assert html.count("Your top match") == 1


def test_a_newcomer_is_not_shut_out(client, kyoto):
    """Nobody has reviewed them, nobody has verified them: the prior carries them onto the page."""
    make_expert(kyoto, active_since=None, verified=False)
    scores, html = matched(client, make_trip(kyoto, traveler=make_user()))
    assert scores[0].hidden == MatchScore.Hidden.NO
    assert "New on Traveloure" in html


def test_the_first_at_everything_is_recommended_highly(client, kyoto):
    wanted = ["street-food", "day-hikes"]
    make_expert(
        kyoto,
        specialties=dict.fromkeys(wanted, 60),
        bio="Noodle stalls at dawn and ridges at dusk.",
        response_hours=1,
        verified=True,
        **EXPERTS["best rated"],
    )
    trip = make_trip(kyoto, traveler=make_user(), interests=wanted, brief="noodle stalls, ridges, dawn, dusk")
    (score,), html = matched(client, trip)
    assert score.score >= 85
    assert "Highly recommended" in html


def test_rates_are_read_when_the_trip_is_ranked(client, kyoto):
    make_expert(kyoto, price_min=Decimal(100), price_max=Decimal(100), currency="EUR")
    trip = make_trip(kyoto, traveler=make_user(), budget=Decimal(1000), currency="USD")
    fits = []
    for rate in ("1", "0.5"):
        ExchangeRate.objects.filter(currency="EUR").update(per_usd=rate)
        (score,), _ = matched(client, trip)
        fits.append(score.values[list(Factor).index(Factor.BUDGET)])
    assert fits[0] > 2 * fits[1]


def test_html_in_every_word_of_an_expert_and_a_trip_is_text(client, kyoto):
    attack = "<script>alert(1)</script>kilns"
    expert = make_expert(kyoto, name=attack, headline=attack, bio=attack)
    make_review(expert, make_user(attack), text=attack)
    trip = make_trip(kyoto, traveler=make_user(attack), brief=attack, must_haves=attack)
    scores, html = matched(client, trip)
    assert "kilns" in str(scores[0].receipt.strengths)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert") >= 3


def test_a_specialty_named_with_signs_is_said_as_it_is_written(client, kyoto):
    Specialty.objects.filter(slug="wine").update(name="100% “wine” & <co> {x} %(skill)s")
    make_expert(kyoto, specialties={"wine": 3})
    _, html = matched(client, make_trip(kyoto, traveler=make_user(), interests=["wine"]))
    assert "“100% “wine” &amp; &lt;co&gt; {x} %(skill)s”" in html
