"""What German readers ask for is understood, whatever language the page is in, and English is read as ever."""

import pytest
from django.urls import reverse
from django.utils.translation import gettext, override

from experts import taxonomy
from tests.factories import make_market
from travelers.models import Trip


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Weinprobe, barrierefrei, Stadtführung", ["wine", "wheelchair-access", "city-history"]),
        ("Wir wandern gern, leichte Wanderungen mit Aussicht", ["day-hikes"]),
        ("Weinwanderung mit der ganzen Familie", ["wine", "day-hikes", "generations"]),
        ("Meine Mutter sitzt im Rollstuhl, alles muss stufenlos sein", ["wheelchair-access"]),
        ("unser Kind hat Zöliakie; kinderwagentaugliche Wege", ["families", "allergy-aware"]),
        (
            "Schlösser, Märkte und Höhlentempel",
            ["castles-and-palaces", "food-markets", "temples-and-shrines"],
        ),
        ("SCHLOESSER, Maerkte, Ausfluege", ["castles-and-palaces", "food-markets", "day-trips"]),
        ("jüdische Geschichte und Synagogen", ["jewish-heritage", "city-history"]),
        ("traditionelle Musik und Tanz", ["traditional-music", "dance"]),
        ("Hundeschlitten, aber auch ein Platz für unseren Hund", ["winter-sports", "pets"]),
        ("Fahrräder mieten, mit der Bahn anreisen, kein eigenes Auto", ["cycling", "rail"]),
        ("Sternerestaurant, fünf Sterne, Sternenhimmel", ["restaurants", "luxury", "night-sky"]),
        ("alleinreisende Frau, weibliche Reiseleitung", ["women-travelers"]),
        ("Geheimtipps abseits der Touristenpfade", ["hidden-places"]),
        ("Ich kann nicht so viel laufen und brauche viele Pausen", ["gentle-pace"]),
        ("Spuren meiner Vorfahren", ["family-roots"]),
        ("Streetfood und hikes", ["street-food", "day-hikes"]),
    ],
)
def test_german_wishes_are_recognised(text, slugs):
    assert taxonomy.recognise(text) == slugs


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("kein Wandern, keine langen Wanderungen, bitte ohne Museen", []),
        ("keine Museen, lieber gutes Essen", ["restaurants"]),
        ("kein Yoga, ohne Jazz", []),
        ("Museen mag ich nicht", []),
        ("Kirchen bitte vermeiden, auf Stadtführungen können wir verzichten", []),
        ("Museen dürfen nicht fehlen", ["museums"]),
        ("nicht nur Museen, nicht ohne Hund", ["museums", "pets"]),
        ("Eine Wanderung, die nicht anstrengend ist", ["day-hikes"]),
        ("keine Menschenmassen", ["quiet-travel"]),
        ("ohne Gluten, kein Fleisch", ["allergy-aware", "vegetarian-and-vegan"]),
    ],
)
def test_what_is_not_wanted_in_german_is_no_wish(text, slugs):
    assert taxonomy.recognise(text) == slugs


@pytest.mark.parametrize(
    "text",
    [
        "Wir wollen das Leben der Leute kennenlernen",
        "ein paar Tage, nichts Besonderes, hundert Ideen",
        "Der Laden ist geschlossen, das Angebot ausgeschlossen",
        "Ich werde weinen vor Glück, wir kriegen das hin",
        "Ich stamme aus Zürich und brauche WLAN",
        "quer durch die Stadt, ich fahre gern hin",
        "Messer und Zugang, Schreiner und Schweine",
        "nature, Oman, Wales, a burger, stranded, a wander, boots, kind people, the latest mode",
    ],
)
def test_words_that_only_look_alike_are_no_wish(text):
    assert taxonomy.recognise(text) == []


@pytest.mark.parametrize("language", taxonomy.words())
def test_every_word_of_a_language_leads_to_its_specialty(language):
    found = {
        word: (slug, taxonomy.recognise(word.replace("*", "").removesuffix("!")))
        for slug, words in taxonomy.words()[language].items()
        for word in words
    }
    assert {word: one for word, one in found.items() if one[0] not in one[1]} == {}


@pytest.mark.parametrize("language", taxonomy.words())
def test_every_language_has_words_for_every_specialty_and_for_no_other(language):
    assert {slug for slug, words in taxonomy.words()[language].items() if words} == {
        entry.slug for entry in taxonomy.entries()
    }


def test_what_a_page_calls_a_specialty_is_understood_in_german():
    with override("de"):
        names = {gettext(entry.name): [entry.slug] for entry in taxonomy.entries()}
    assert {name: taxonomy.recognise(name) for name in names} == names


@pytest.mark.parametrize(
    "pattern", ["{}", "no {}, please", "We would love some {}s and more.", "without much {}"]
)
def test_other_languages_do_not_change_what_english_words_mean(pattern, monkeypatch):
    texts = [pattern.format(word) for words in taxonomy.words()["en"].values() for word in words]
    together = {text: taxonomy.recognise(text) for text in texts}
    english = taxonomy.languages()["en"]
    monkeypatch.setattr(taxonomy, "languages", lambda: {"en": english})
    assert together == {text: taxonomy.recognise(text) for text in texts}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "en"])
def test_german_must_haves_count_on_a_page_of_any_language(client, language):
    make_market("Kyoto")
    answers = {
        "destination": "Kyoto",
        "timing": "flexible",
        "days": 5,
        "kind": "city",
        "purpose": "guide",
        "adults": 2,
        "currency": "EUR",
        "must_haves": "barrierefrei, Weinprobe",
        "nice_to_haves": "Stadtführung",
    }
    page = client.get(reverse("travelers:trip_create"), headers={"Accept-Language": language})
    month = page.context["form"].fields["flexible_month"].choices[3][0]
    client.post(
        reverse("travelers:trip_create"),
        answers | {"flexible_month": month},
        headers={"Accept-Language": language},
    )
    wanted = Trip.objects.get().wanted.values_list("specialty__slug", "must")
    assert set(wanted) == {("wheelchair-access", True), ("wine", True), ("city-history", False)}
