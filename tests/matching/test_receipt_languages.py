"""The receipts of a whole market, read in English and in German: every line is a sentence of its language."""

import random
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils.translation import override

from matching import runs, services, wording
from matching.models import DETAILED, MatchReceipt
from tests.factories import make_expert, make_market, make_review, make_trip, make_user

pytestmark = pytest.mark.django_db

SKILLS = ["street-food", "restaurants", "day-hikes", "museums"]
STYLES = ["friendly", "concise", "detailed", "formal"]
GAP = re.compile(r"%\(|%s|\{|\bNone\b|\bnan\b|  ")


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def trip(kyoto):
    """To a market of 22 experts as different as they come."""
    chance = random.Random(4)
    wanted = make_trip(
        kyoto,
        traveler=make_user(),
        interests=SKILLS[:2],
        musts=SKILLS[2:3],
        languages=["en", "de"],
        budget=Decimal(900),
        communication_style="formal",
        time_zone="America/New_York",
        brief="Kilns and gardens",
    )
    for number in range(DETAILED + 2):
        expert = make_expert(
            kyoto,
            name=f"Person {number}",
            specialties={slug: chance.choice([1, 2, 30]) for slug in chance.sample(SKILLS, number % 4)},
            languages={code: chance.randint(1, 7) for code in [["en"], ["de"], ["en", "ja"]][number % 3]},
            communication_style=chance.choice(STYLES),
            bio=chance.choice(["We visit kilns.", "We walk."]),
            price_min=Decimal(chance.choice([40, 90, 200])),
            price_max=Decimal(250),
            response_hours=chance.choice([1, 5, 30]),
            group_size_max=chance.choice([1, 2, 9]),
            verified=number % 2 == 0,
            repeat_clients=chance.choice([0, 1, 5]),
            reindex=number % 5 > 0,
        )
        if number % 4 == 0:
            make_review(expert, rating=chance.randint(1, 5))
        if number % 3 == 0:
            first, _ = wanted.window()
            expert.unavailable.create(days=DateRange(first, first + timedelta(days=chance.randint(1, 4))))
    run = services.request_match(wanted)
    runs.store(run, runs.compute(run))
    return wanted


def said(receipt):
    """All that a reader is told, with the place it is told in."""
    name = receipt.score.expert.name
    yield "why", wording.why(name, receipt.strengths)
    yield from (("strength", text) for text in wording.remarks(receipt.strengths))
    yield from (("consideration", text) for text in wording.remarks(receipt.considerations))
    for label, found in wording.evidence(receipt.evidence):
        yield "factor", label
        yield from (("evidence", text) for text in found)


def lines(language):
    with override(language):
        receipts = MatchReceipt.objects.select_related("score__expert__user").order_by("score__rank")
        return [list(said(receipt)) for receipt in receipts]


def test_the_top_twenty_are_readable_in_both_languages(trip):
    english, german = lines("en"), lines("de")
    assert len(english) == len(german) == DETAILED
    assert [[place for place, _ in one] for one in english] == [[place for place, _ in one] for one in german]
    texts = [text for one in (*english, *german) for _, text in one]
    assert [text for text in texts if GAP.search(text) or not text.strip()] == []


def test_no_line_stays_english_in_german(trip):
    pairs = {
        (text, other)
        for one, translated in zip(lines("en"), lines("de"), strict=True)
        for (_, text), (_, other) in zip(one, translated, strict=True)
    }
    assert len(pairs) > 60
    assert [text for text, other in pairs if text == other] == []


def test_all_five_factors_have_evidence_in_their_order(trip):
    for receipt in MatchReceipt.objects.all():
        found = wording.evidence(receipt.evidence)
        assert [label for label, _ in found] == [
            "Expertise",
            "Communication",
            "Budget fit",
            "Availability and logistics",
            "Trust",
        ]
        assert all(facts for _, facts in found)


def test_numbers_and_money_are_written_as_the_reader_writes_them(trip):
    english, german = ({text for one in lines(code) for _, text in one} for code in ("en", "de"))
    assert "Your budget: $90 per person and day" in english
    assert "Dein Budget: 90\xa0$ pro Person und Tag" in german
    assert any(re.search(r"\d\.\d of 5", text) for text in english)
    assert any(re.search(r"\d,\d von 5", text) for text in german)
    assert not any(re.search(r"\d\.\d", text) for text in german)


def test_the_page_is_read_in_the_readers_language_not_the_rankings(client, trip):
    client.force_login(trip.traveler)
    url = reverse("matching:results", args=[trip.pk])
    english, german = (client.get(url, headers={"accept-language": code}) for code in ("en", "de"))
    for one, other in zip(english.context["scores"], german.context["scores"], strict=True):
        assert (one.expert, one.score) == (other.expert, other.score)
        assert not {one.why, *one.strengths, *one.considerations} & {other.why, *other.strengths}
    assert 'lang="de"' in german.content.decode()
    assert "Things to consider" not in german.content.decode()


def test_a_receipt_is_stored_without_words(trip):
    """Codes and facts alone, so that one receipt serves every language and each correction of a text."""
    for receipt in MatchReceipt.objects.all():
        for code, facts in receipt.strengths + receipt.considerations:
            assert re.fullmatch(r"[a-z_]+", code)
            assert "of your trip" not in str(facts)
