"""From which fact on something is a strength or to be considered, and in which order it is said."""

import copy
from typing import Any

import pytest

from experts.models import Level
from matching import receipts
from matching.models import Factor

# Nothing to say about this one.
PLAIN: dict[str, dict[str, Any]] = {
    "expertise": {"skills": [], "words": [], "pool": 30, "works": 9, "quote": None},
    "communication": {
        "asked": ["en"],
        "language": "en",
        "level": 4,
        "style": "friendly",
        "wanted_style": "",
        "hours": 12.0,
        "rating": 4.0,
        "ratings": 4,
    },
    "budget": {"amount": None, "currency": "USD", "price_min": 80.0, "price_max": 120.0, "ratings": 0},
    "availability": {"days": 5, "free": 5, "people": 2, "group_size_max": 6, "hours_apart": 0.0},
    "trust": {"rating": 4.0, "ratings": 4, "repeat_clients": 0, "verified": True, "years": 2.0, "trend": 0.5},
}


def told(**changes):
    """The codes of strengths, and of considerations, with these facts instead of PLAIN's: `factor__fact=value`."""
    evidence = copy.deepcopy(PLAIN)
    for name, value in changes.items():
        factor, _, fact = name.partition("__")
        evidence[factor][fact] = value
    said = (receipts._strengths(evidence), receipts._considerations(evidence))
    return tuple([code for code, _ in remarks if code != "free"] for remarks in said)


def skill(name="Wine", *, depth=3, must=False, related=0, holders=20, points=5.0):
    return {
        "name": name,
        "must": must,
        "depth": depth,
        "related": related,
        "holders": holders,
        "points": points,
    }


def test_of_the_plain_one_nothing_is_said():
    assert told() == ([], [])
    assert list(PLAIN) == Factor.values


@pytest.mark.parametrize(
    ("code", "fact", "not_yet", "already"),
    [
        ("language", "communication__level", Level.B2, Level.C1),
        ("fast", "communication__hours", 4.1, 4.0),
        ("budget", "budget__amount", 79.99, 80.0),
        ("repeat", "trust__repeat_clients", 2, 3),
    ],
)
def test_where_a_strength_begins(code, fact, not_yet, already):
    assert code not in told(**{fact: not_yet})[0]
    assert told(**{fact: already})[0] == [code]


@pytest.mark.parametrize(
    ("code", "fact", "not_yet", "already"),
    [
        ("partly_free", "availability__free", 5, 4),
        ("over_budget", "budget__amount", 80.0, 79.99),
        ("language_limited", "communication__level", Level.B2, Level.B1),
        ("no_language", "communication__level", Level.B2, 0),
        ("slow", "communication__hours", 24.0, 24.1),
        ("style", "communication__wanted_style", "friendly", "formal"),
        ("new", "trust__ratings", 1, 0),
        ("falling", "trust__trend", 0.31, 0.3),
        ("unverified", "trust__verified", True, False),
        ("far_clock", "availability__hours_apart", 5.75, 6.0),
    ],
)
def test_where_a_consideration_begins(code, fact, not_yet, already):
    assert code not in told(**{fact: not_yet})[1]
    assert told(**{fact: already})[1] == [code]


@pytest.mark.parametrize(
    ("rating", "ratings", "praised"), [(4.6, 5, True), (4.59, 500, False), (5.0, 4, False)]
)
def test_a_rating_is_a_strength_when_it_is_high_and_of_several(rating, ratings, praised):
    strengths, _ = told(trust__rating=rating, trust__ratings=ratings)
    assert strengths == (["rating"] if praised else [])


@pytest.mark.parametrize(
    ("pool", "holders", "code"),
    [(10, 1, "rare_skill"), (9, 1, "skill"), (30, 3, "rare_skill"), (30, 4, "skill")],
)
def test_rare_is_what_one_in_ten_of_a_market_that_has_ten_knows(pool, holders, code):
    assert told(expertise__skills=[skill(holders=holders)], expertise__pool=pool)[0] == [code]


def test_no_language_asked_for_is_neither_praised_nor_missed():
    assert told(communication__level=None, communication__asked=[]) == ([], [])


def test_the_two_skills_that_earned_most_are_named_and_the_best_one_first():
    skills = [
        skill("Wine", points=1.0),
        skill("Tea", points=9.0, holders=1),
        skill("Jazz", points=4.0),
        skill("Golf", depth=0, points=7.0),
    ]
    evidence = copy.deepcopy(PLAIN) | {"expertise": PLAIN["expertise"] | {"skills": skills}}
    first, second, *_ = receipts._strengths(evidence)
    assert [(code, facts["name"]) for code, facts in (first, second)] == [
        ("rare_skill", "Tea"),
        ("skill", "Jazz"),
    ]


def test_what_must_be_had_is_missed_first_and_two_misses_are_enough():
    skills = [
        skill("Wine", depth=0),
        skill("Tea", depth=0, related=2),
        skill("Step-free", depth=0, must=True),
    ]
    evidence = copy.deepcopy(PLAIN) | {"expertise": PLAIN["expertise"] | {"skills": skills}}
    missed = [(code, facts["name"]) for code, facts in receipts._considerations(evidence)]
    assert missed == [("no_skill", "Step-free"), ("no_skill", "Wine")]


def test_words_are_quoted_where_no_skill_speaks():
    quote = {"kind": "review", "source": 1, "text": "Kilns."}
    assert told(expertise__quote=quote)[0] == ["quote"]
    assert told(expertise__quote=quote, expertise__skills=[skill()])[0] == ["skill"]


def test_what_weighs_most_is_said_first():
    strengths, considerations = told(
        expertise__skills=[skill(), skill("Tea", depth=0, must=True)],
        communication__level=Level.NATIVE,
        communication__hours=1.0,
        budget__amount=90.0,
        trust__rating=4.9,
        trust__ratings=9,
        trust__verified=False,
        availability__free=3,
        availability__hours_apart=9.0,
    )
    assert strengths == ["skill", "rating", "language", "budget", "fast"]
    assert considerations == ["partly_free", "no_skill", "unverified", "far_clock"]
