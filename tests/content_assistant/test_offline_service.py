"""Descriptions of services without a model: what is included, for whom, and the terms as they are."""

import pytest

from content_assistant.checks import Text, counting
from content_assistant.tools.service import TOOL, WORDS, offline
from llm.filtering import check
from llm.prompt import Audience
from tests.content_assistant.casts import demo_services

LANGUAGES = ["en", "de"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_demo_services_are_described_without_fault(language):
    for facts in demo_services(40, language):
        text = offline(facts)
        assert WORDS[0] <= counting.words(text) <= WORDS[1]
        assert [finding for each in TOOL.checks for finding in each(Text(text, language, facts=facts))] == []
        assert not check(text, audience=Audience.PUBLIC, sources=[str(facts.service), str(facts.expert)])


def test_all_that_is_included_is_listed_up_to_five():
    (facts,) = demo_services(1, includes=["tea", "a map", "the boat", "lunch", "a hat", "a song"])
    lines = [line for line in offline(facts).splitlines() if line.startswith("– ")]
    assert lines == ["– tea", "– a map", "– the boat", "– lunch", "– a hat"]


def test_where_little_is_included_the_list_has_what_comes_with_every_service():
    (facts,) = demo_services(1, includes=["tea"])
    lines = [line for line in offline(facts).splitlines() if line.startswith("– ")]
    assert lines[0] == "– tea"
    assert len(lines) == 3


def test_own_words_about_it_are_kept():
    aspects = "The key to the tower hangs in my kitchen."
    (facts,) = demo_services(1, unique_aspects=aspects, audience="people who like stairs")
    text = offline(facts)
    assert aspects in text
    assert "people who like stairs." in text.lower()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": 3, "hours": ""}, "3 days"),
        ({"group": 4, "price_unit": "person"}, "4"),
        ({"notice_hours": 48}, "48 hours"),
        ({"instant": True}, "at once"),
        ({"shared": True}, "other travelers"),
        ({"cancellation": "strict"}, "policy is strict"),
    ],
)
def test_practical_details_are_the_terms(changes, said):
    (facts,) = demo_services(1, **changes)
    assert said in offline(facts).split("\n\n")[-1].lower()


def test_days_and_halves_are_german_in_german():
    (facts,) = demo_services(1, "de", days=1, hours="")
    assert "einen Tag" in offline(facts)
    (facts,) = demo_services(1, "de", days=0, hours="2.5")
    assert "2,5 Stunden" in offline(facts)


def test_the_price_stands_beside_it_and_not_in_it():
    for facts in demo_services(
        20, price="77000 ARS", description="It costs $90. We walk by the river to the mill."
    ):
        text = offline(facts)
        assert "77000" not in text
        assert "$" not in text
