"""Every remark a receipt can hold: what brings it about, and the sentence a traveler reads."""

import inspect
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from experts.models import ExpertSpecialty, Specialty
from matching import receipts, runs, services, wording
from matching.models import DETAILED, MatchReceipt, MatchRun
from tests.factories import make_expert, make_market, make_review, make_trip, make_user

pytestmark = pytest.mark.django_db

# Nothing to say about this expert but what a case adds.
PLAIN = {
    "response_hours": 5,
    "verified": True,
    "languages": {"en": 4},
    "review_count": 1,
    "rating_sum": 4,
}
STREET_FOOD = {"interests": ["street-food"]}
TEN_PRAISES = {"review_count": 10, "rating_sum": 47}
FALLING = {"review_count": 20, "rating_sum": 80, "recent_review_count": 10, "recent_rating_sum": 30}

# The remark's code, the sentence, then what differs from PLAIN, from an ordinary trip, and the scene around them.
CASES = [
    (
        "skill",
        "Knows your way around “Street food”: 1 trip planned or guided",
        {"specialties": {"street-food": 1}},
        STREET_FOOD,
        {},
    ),
    (
        "skill",
        "Knows your way around “Street food”: 12 trips planned or guided",
        {"specialties": {"street-food": 12}},
        STREET_FOOD,
        {},
    ),
    (
        "rare_skill",
        "The only one of 10 here with “Street food”",
        {"specialties": {"street-food": 1}},
        STREET_FOOD,
        {"others": 9},
    ),
    (
        "rare_skill",
        "One of only 2 among 20 here with “Street food”",
        {"specialties": {"street-food": 1}},
        STREET_FOOD,
        {"others": 18, "rivals": 1},
    ),
    (
        "quote",
        "In their own words: “Guide\nOld kilns are my world.”",
        {"headline": "Guide", "bio": "Old kilns are my world."},
        {"brief": "Show us kilns!"},
        {},
    ),
    (
        "quote",
        "A guest wrote: “She knew every kiln.”",
        {},
        {"brief": "Show us kilns!"},
        {"review": "She knew every kiln."},
    ),
    ("rating", "Rated 4.7 of 5 in 10 reviews", TEN_PRAISES, {}, {}),
    (
        "repeat",
        "3 travelers came back for more",
        TEN_PRAISES | {"repeat_clients": 3, "completed_bookings": 9},
        {},
        {},
    ),
    ("language", "Speaks English at level C1", {"languages": {"en": 5}}, {}, {}),
    ("language", "Speaks English as a mother tongue", {"languages": {"en": 7}}, {}, {}),
    ("budget", "Fits your budget, from $80 per person and day", {}, {"budget": Decimal(1000)}, {}),
    ("free", "Free on all 5 days of your trip", {}, {}, {}),
    ("free", "Free on the day of your trip", {}, {"days": 1}, {}),
    ("fast", "Usually answers within 1 hour", {"response_hours": Decimal("0.2")}, {}, {}),
    ("fast", "Usually answers within 3 hours", {"response_hours": Decimal("2.5")}, {}, {}),
    ("slow", "Usually answers within 48 hours", {"response_hours": 48}, {}, {}),
    ("partly_free", "Free on 4 of the 5 days", {}, {}, {"blocked": 1}),
    ("partly_free", "Free on 0 of 1 day", {}, {"days": 1}, {"blocked": 1}),
    (
        "over_budget",
        "Asks from $80 per person and day; your budget is $50",
        {},
        {"budget": Decimal(500)},
        {},
    ),
    ("no_skill", "No recorded trips with “Street food”", {}, STREET_FOOD, {}),
    (
        "related_only",
        "Knows the field of “Street food”, not this itself",
        {"specialties": {"restaurants": 3}},
        STREET_FOOD,
        {},
    ),
    ("language_limited", "Speaks English at level A1", {"languages": {"en": 1}}, {}, {}),
    ("no_language", "Speaks none of your languages", {"languages": {"ja": 7}}, {}, {}),
    ("style", "Writes in another style: warm and chatty", {}, {"communication_style": "concise"}, {}),
    ("new", "New here, without reviews so far", {"review_count": 0, "rating_sum": 0}, {}, {}),
    ("falling", "Recent reviews are below the earlier ones", FALLING, {}, {}),
    ("unverified", "Not verified yet", {"verified": False}, {}, {}),
    ("far_clock", "Your clocks are 9 hours apart", {}, {"time_zone": "Africa/Abidjan"}, {}),
]


@pytest.fixture
def kyoto():
    return make_market()


def receipt(trip, expert):
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    return MatchReceipt.objects.get(score__run=run, score__expert=expert)


def scene(kyoto, fields, asked, *, others=0, rivals=0, blocked=0, review=""):
    """The expert's receipt for the trip."""
    expert = make_expert(kyoto, **PLAIN | fields)
    for _ in range(others):
        make_expert(kyoto, reindex=False)
    for _ in range(rivals):
        make_expert(kyoto, specialties={"street-food": 1}, reindex=False)
    trip = make_trip(kyoto, **asked)
    if blocked:
        first, _ = trip.window()
        expert.unavailable.create(days=DateRange(first, first + timedelta(days=blocked)))
    if review:
        make_review(expert, text=review)
    return receipt(trip, expert)


@pytest.mark.parametrize(("code", "sentence", "fields", "asked", "around"), CASES)
def test_a_remark_is_reached_and_reads_as_a_sentence(kyoto, code, sentence, fields, asked, around):
    found = scene(kyoto, fields, asked, **around)
    remarks = found.strengths + found.considerations
    assert (code, sentence) in zip((code for code, _ in remarks), wording.remarks(remarks), strict=True)


def test_every_remark_that_can_be_stored_has_words_and_a_case():
    source = inspect.getsource(receipts)
    stored = {
        code for found in re.findall(r'"(\w+)"(?: if .+ else "(\w+)")?, [a-z]', source) for code in found
    }
    assert stored - {""} == set(wording._REMARKS) == {code for code, *_ in CASES}


def test_a_plain_expert_gets_no_remarks_but_being_free(kyoto):
    found = scene(kyoto, {}, {})
    assert wording.remarks(found.strengths) == ["Free on all 5 days of your trip"]
    assert found.considerations == []


def test_at_most_four_strengths_and_three_considerations_are_kept(kyoto):
    best = scene(
        kyoto,
        TEN_PRAISES
        | {"specialties": {"street-food": 9, "day-hikes": 9}, "languages": {"en": 7}, "repeat_clients": 4},
        {"interests": ["street-food", "day-hikes"], "budget": Decimal(1000)},
    )
    worst = scene(
        kyoto,
        {"languages": {}, "response_hours": 99, "verified": False, "review_count": 0, "rating_sum": 0},
        {"interests": ["wine", "museums"], "budget": Decimal(10)},
    )
    assert (len(best.strengths), len(worst.considerations)) == (4, 3)


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([], "Mei comes closest to what you asked for among the experts there."),
        (["fast"], "Mei answers quickly."),
        (["budget", "fast"], "Mei fits your budget and answers quickly."),
        (
            ["free", "budget", "fast", "rating"],
            "Mei is free the whole time, fits your budget, and answers quickly.",
        ),
        (["quote"], "Mei comes closest to what you asked for among the experts there."),
    ],
)
def test_the_reason_is_one_sentence_of_at_most_three_parts(codes, sentence):
    facts = {"rating": 4.9, "kind": "review", "text": "Good."}
    assert wording.why("Mei", [(code, facts) for code in codes]) == sentence


def test_the_evidence_says_what_is_stored(kyoto):
    expert = make_expert(
        kyoto,
        bio="I cook.",
        headline="Cook",
        specialties={"street-food": 1, "restaurants": 4},
        languages={"en": 6},
        verified=True,
        response_hours=3,
    )
    make_review(expert, make_user(), rating=4, value=5, communication=3)
    trip = make_trip(kyoto, **STREET_FOOD, budget=Decimal(1000), time_zone="Asia/Seoul", adults=1, children=1)
    found = receipt(trip, expert)
    years = found.evidence["trust"]["years"]
    assert wording.evidence(found.evidence) == [
        (
            "Expertise",
            [
                "Street food: 1 trip, 4 in related fields; known by 1 of 1",
                "5 trips in all, of whatever kind",
            ],
        ),
        (
            "Communication",
            [
                "Speaks English at level C2",
                "Usually answers within 3 hours",
                "Rated 3.0 of 5 in 1 review",
            ],
        ),
        (
            "Budget fit",
            [
                "From $80 to $120 per person and day",
                "Your budget: $100 per person and day",
                "Value: Rated 5.0 of 5 in 1 review",
            ],
        ),
        (
            "Availability and logistics",
            ["Free on all 5 days of your trip", "Takes groups of up to 6 people; you are 2"],
        ),
        (
            "Trust",
            [
                "Rated 4.0 of 5 in 1 review",
                "1 trip completed",
                "Recent guests rate highest: Value 5.0, Knowledge 4.0, Flexibility 4.0",
                "Verified",
                f"Active here for {years:.1f} years",
            ],
        ),
    ]


def test_facts_are_those_of_the_rows(kyoto):
    expert = make_expert(kyoto, specialties={"street-food": 7, "wine": 2, "museums": 9})
    for stars in (3, 4):
        make_review(expert, make_user(), rating=stars)
    found = receipt(make_trip(kyoto, musts=["street-food"], interests=["museums"]), expert).evidence
    expert.refresh_from_db()
    skills = {skill["name"]: (skill["must"], skill["depth"]) for skill in found["expertise"]["skills"]}
    assert skills == {"Street food": (True, 7), "Museums and galleries": (False, 9)}
    assert found["expertise"]["works"] == expert.works == 18
    assert (found["trust"]["rating"], found["trust"]["ratings"]) == (expert.rating, 2)
    assert found["trust"]["completed"] == expert.completed_bookings == 2


def test_the_points_of_the_skills_are_part_of_the_factor(kyoto):
    expert = make_expert(kyoto, specialties={"street-food": 7})
    found = receipt(make_trip(kyoto, **STREET_FOOD), expert)
    (skill,) = found.evidence["expertise"]["skills"]
    assert 0 < skill["points"] <= found.score.expertise_value / 10


def test_a_receipt_older_than_a_renamed_specialty_still_reads(kyoto):
    expert = make_expert(kyoto, specialties={"street-food": 7})
    found = receipt(make_trip(kyoto, **STREET_FOOD), expert)
    before = wording.remarks(found.strengths), wording.evidence(found.evidence)
    Specialty.objects.filter(slug="street-food").update(name="Food stalls")
    ExpertSpecialty.objects.all().delete()
    found.refresh_from_db()
    assert (wording.remarks(found.strengths), wording.evidence(found.evidence)) == before


def test_a_quote_with_html_or_signs_is_kept_as_text(kyoto):
    found = scene(kyoto, {}, {"brief": "kilns"}, review="5 < 6 kilns & 100%(s) {x}")
    assert "A guest wrote: “5 < 6 kilns & 100%(s) {x}”" in wording.remarks(found.strengths)


def test_clocks_a_quarter_of_an_hour_apart_are_not_mentioned(kyoto):
    kathmandu = make_market("Kathmandu", time_zone="Asia/Kathmandu")
    expert = make_expert(kathmandu)
    found = receipt(make_trip(kathmandu, time_zone="Asia/Calcutta"), expert)
    assert found.evidence["availability"]["hours_apart"] == 0.25
    assert not any("clock" in line for _, lines in wording.evidence(found.evidence) for line in lines)


def test_only_the_ones_nearest_the_top_have_receipts(kyoto):
    for _ in range(DETAILED + 2):
        make_expert(kyoto, reindex=False)
    run = services.request_match(make_trip(kyoto))
    runs.store(run, runs.compute(run))
    ranks = MatchReceipt.objects.filter(score__run=run).values_list("score__rank", flat=True)
    assert sorted(ranks) == list(range(1, DETAILED + 1))
    assert MatchRun.objects.get().candidates == DETAILED + 2
