"""The page of analytics and its JSON, and what the rows of a match say to staff."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.models import AlgorithmVersion, MatchRun
from tests.admin.rows import make_exposure, make_ranking, make_version
from tests.factories import make_booking, make_expert, make_market, make_trip, make_user

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:matching_matchrun_analytics")
JSON = reverse("admin:matching_matchrun_analytics_json")
MODEL = {"weights": [0.2] * 5, "scale": 5, "positions": [0] * 5, "outside": 4}
ATTACK = "<script>alert(1)</script>"


def ranked(market=None, *, booked=False):
    trip = make_trip(market, traveler=make_user())
    run = make_ranking(trip, expert := make_expert(trip.destination, reindex=False))
    if booked:
        make_booking(expert, trip.traveler, trip=trip)
    return run


def cost(client, url):
    ContentType.objects.get_for_models(MatchRun)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", [PAGE, JSON])
def test_one_run_costs_as_many_queries_as_thirty(analyst, url):
    ranked()
    first = cost(analyst, url)
    for _ in range(29):
        ranked(booked=True)
    assert cost(analyst, url) == first <= 14


def test_the_page_shows_rates_with_their_counts_and_intervals(analyst):
    market = make_market("Kyoto")
    ranked(market, booked=True)
    ranked(market)
    shown = analyst.get(PAGE).content.decode()
    said = ["50.0 %", "9.5 % – 90.5 %", "1 of 2", "no data: no fitted version yet", "Kyoto, JP"]
    assert [text for text in said if text not in shown] == []


def test_an_empty_site_says_so(analyst):
    context = analyst.get(PAGE).context
    assert [chart.title for chart in context["rates"] if chart.has_data] == []
    assert {value for _, value, _ in context["tiles"]} == {"no data"}


def test_a_fitted_version_shows_its_reliability(analyst):
    ranked(booked=True)
    AlgorithmVersion.objects.update(fit={"model": MODEL})
    response = analyst.get(PAGE)
    assert len(response.context["points"]) == 1
    assert "Brier score" in response.content.decode()


def test_numbers_of_a_drawing_are_not_written_as_a_locale_does(analyst):
    ranked(booked=True)
    AlgorithmVersion.objects.update(fit={"model": MODEL})
    shown = analyst.get(PAGE, headers={"accept-language": "de"}).content.decode()
    drawn = shown.split("staff-plot-area")[1].split("</svg>")[0]
    assert "," not in drawn


def test_the_json_has_the_same_figures(analyst):
    ranked(booked=True)
    answer = analyst.get(JSON).json()
    assert answer["overall"] == {
        "happened": 1,
        "count": 1,
        "value": 1.0,
        "interval": [pytest.approx(0.2065, abs=1e-3), 1.0],
    }
    assert [band["key"] for band in answer["bands"]] == ["0-50", "50-70", "70-85", "85-100"]
    assert answer["working"]["days"][-1]["runs"] == 1
    assert answer["calibration"] is None


def test_filters_choose_days_and_a_market(analyst):
    kyoto, day = make_market("Kyoto"), timezone.now().date()
    ranked(kyoto)
    ranked()
    query = {"from": day.isoformat(), "to": day.isoformat(), "market": kyoto.slug}
    assert analyst.get(JSON, query).json()["lists"] == 1
    before = (day - timedelta(days=1)).isoformat()
    assert analyst.get(JSON, {"from": before, "to": before}).json()["lists"] == 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "The first day is after the last."),
        ({"from": "2026-13-45"}, "Write a day as 2026-11-30."),
        ({"to": "<b>"}, "Write a day as 2026-11-30."),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "At most 366 days at once, please."),
        ({"market": "nowhere"}, "There is no such market."),
        ({"market": "a\0b"}, "There is no such market."),
        ({"from": "\0"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_filter_is_told_and_breaks_nothing(analyst, query, message):
    page, answer = analyst.get(PAGE, query), analyst.get(JSON, query)
    assert (page.status_code, answer.status_code) == (400, 400)
    told = [error["message"] for errors in answer.json()["errors"].values() for error in errors]
    assert message in told or message.startswith("Null")
    assert message in page.content.decode() or message.startswith("Null")


@pytest.mark.parametrize(
    "query", [{"to": "0001-01-01"}, {"from": "9999-12-31", "to": "9999-12-31"}, {"from": "", "to": ""}]
)
def test_the_ends_of_the_calendar_are_days_too(analyst, query):
    assert analyst.get(PAGE, query).status_code == 200


@pytest.mark.parametrize("url", [PAGE, JSON])
def test_only_those_who_may_see_runs_see_analytics(plain_staff, outsider, reviewer, url):
    assert plain_staff.get(url).status_code == 403
    assert outsider.get(url).status_code == 302
    assert reviewer.get(url).status_code == 200


def test_the_sidebar_and_the_list_of_runs_lead_there(analyst, plain_staff):
    groups = analyst.get(PAGE).context["sidebar_navigation"]
    assert [item["title"] for group in groups for item in group["items"] if item.get("active")] == [
        "Analytics"
    ]
    assert PAGE in analyst.get(reverse("admin:matching_matchrun_changelist")).content.decode()
    assert PAGE not in plain_staff.get(reverse("admin:index")).content.decode()


def change(row):
    return reverse(f"admin:matching_{row._meta.model_name}_change", args=[row.pk])


def test_a_receipt_shows_what_the_model_said_and_what_was_dropped(analyst):
    score = ranked().scores.get()
    shown = analyst.get(change(score)).content.decode()
    said = ["grok-4.3", "rank 2 with 77.5", "3, 3", "old streets", "+5", "Speaks Ainu", "no such quote"]
    said += ["From 2027-04-04 to 2027-04-08: 84.5 of 100", "A budget of $1,200: 83 of 100"]
    said += ["She knows little of this.", "Has no car (bio)"]
    assert [text for text in said if text not in shown] == []


def poisoned(value):
    """The same shape with an attack in place of every text."""
    if isinstance(value, dict):
        return {ATTACK: ATTACK} | {key: poisoned(item) for key, item in value.items()}
    return [poisoned(item) for item in value] if isinstance(value, list) else ATTACK


def test_what_a_model_or_a_person_wrote_is_text(analyst):
    score = ranked().scores.get()
    score.receipt.review, score.receipt.changes = poisoned(score.receipt.review), [[ATTACK, {ATTACK: ATTACK}]]
    score.receipt.save()
    score.feedback.update(text=ATTACK)
    version = make_version(reason=ATTACK, fit={"note": ATTACK})
    lists = [reverse(f"admin:matching_{name}_changelist") for name in ("feedback", "algorithmversion")]
    for url in (change(score), change(score.feedback.get()), change(version), *lists):
        assert ATTACK not in analyst.get(url).content.decode()


@pytest.mark.parametrize(
    ("review", "changes"),
    [
        ({}, []),
        ([], {}),
        ({"ratings": [], "dropped": "x", "first": 3}, ["dates", ["dates"], ["budget", None]]),
        (
            {"ratings": {"trust": None, "expertise": {"given": 3, "shift": "x"}}},
            [["language", {"language": 7}]],
        ),
        ({"dropped": [None, {"what": 1}], "strengths": ["plain", {}]}, [["budget", {"total": "x"}]]),
    ],
)
def test_a_review_of_any_shape_is_shown(analyst, review, changes):
    score = ranked().scores.get()
    score.receipt.review, score.receipt.changes = review, changes
    score.receipt.save()
    assert analyst.get(change(score)).status_code == 200


def test_a_version_shows_its_weights_in_percent(analyst):
    version = make_version(expertise_weight=345, trust_weight=155)
    assert (
        "34.5 · 20 · 15 · 15 · 15.5"
        in analyst.get(reverse("admin:matching_algorithmversion_changelist")).content.decode()
    )
    assert "34.5 %" in analyst.get(change(version)).content.decode()


def test_exposures_are_narrowed_to_a_run(analyst):
    run = ranked()
    later = make_exposure(run.scores.get(), reviewed=True)
    ranked()
    listed = reverse("admin:matching_exposure_changelist")
    found = analyst.get(listed, {"run__id__exact": run.pk, "reviewed__exact": 1}).context["cl"].result_list
    assert list(found) == [later]
