"""Which sentences say something that can be checked, and what bears them out."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_assistant.checks import Source, Text, quantities, sentences
from content_assistant.checks.grounding import claims

PROFILE = """Mei Tanaka; Kyoto; 10 years; up to 6 people
I studied history at Doshisha University (2005–2009) and have been a licensed guide since 2014, with a diploma in tea.
I am a guide in the third generation, and we live in a house of the 18th century.
My grandmother Haru taught me to cook. I have led 350 tours."""
SERVICE = """Temple walk at dawn
We meet at 5:30 am at Fushimi Inari, walk four kilometres and come home by Nishiki Market.
3 hours
3.00
120.00 EUR
24 h"""
TRIP = (
    '{"start": "2027-04-04", "days": 5, "budget": "1500 USD", "people": 4, "stay": "5 days, with 2 children"}'
)
SOURCES = (
    Source("profile", "your profile", PROFILE, "/experts/mei/"),
    Source("service", "Temple walk at dawn", SERVICE, "/services/1/"),
    Source("review", "a review", "The tofu at Okutan was the best of our trip.", "/experts/mei/#reviews"),
    Source("trip", "their trip", TRIP),
)
HERE = Path(__file__).parent


def lines(name):
    kept = [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(": ", 1)) for line in kept]


def check(text, language="en", sources=SOURCES):
    return claims(Text(text, language, sources=sources))


FACTS, PLAIN = lines("grounding_facts.txt"), lines("grounding_plain.txt")


@pytest.mark.parametrize(("expected", "sentence"), FACTS)
def test_a_fact_is_linked_to_what_bears_it_out_or_stays_open(expected, sentence):
    language, sign, named = expected.split(" ", 2)
    (claim,) = check(sentence, language)
    assert claim.sentence == sentence
    assert (claim.source, claim.is_open) == ((named, False) if sign == "+" else ("", True))
    if sign == "-":
        assert set(claim.what) == set(named.split())


@pytest.mark.parametrize(("language", "text"), PLAIN)
@pytest.mark.parametrize("sources", [SOURCES, ()], ids=["known", "unknown"])
def test_a_sentence_without_facts_waits_for_nobody(language, text, sources):
    assert check(text, language, sources) == []


def test_there_are_enough_of_each():
    for language in ("en", "de"):
        signs = [expected.split()[1] for expected, _ in FACTS if expected.startswith(language)]
        plain = [one for one, _ in PLAIN if one == language]
        assert min(signs.count("+") + signs.count("-"), len(plain)) >= 40


def test_without_a_source_nothing_is_borne_out():
    found = check(
        "\n".join(sentence for expected, sentence in FACTS if expected.startswith("en")), sources=()
    )
    assert len(found) == sum(expected.startswith("en") for expected, _ in FACTS)
    assert {claim.is_open for claim in found} == {True}


def test_the_source_that_holds_most_is_shown_with_its_address():
    (claim,) = check("After ten years I still start at Fushimi Inari, for €120.")
    assert (claim.source, claim.url) == ("Temple walk at dawn", "/services/1/")
    assert claim.what == ("year", "number", "place", "price")[1:]


def test_an_open_sentence_says_only_what_nothing_bears_out():
    (claim,) = check("After ten years I am a certified diver.")
    assert claim.what == ("certificate",)


def test_one_true_half_does_not_carry_the_other():
    assert check("I have guided for ten years, and cooked for twelve years.")[0].is_open


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("I have guided for 10 years.", "It is for 10 guests."),
        ("It costs 120 USD.", "It costs 120 EUR."),
        ("It costs 120 EUR.", "It takes 120 minutes."),
        ("I am a certified yoga teacher.", "I am a certified mountain guide."),
        ("We see Fushimi Inari.", "We see Fushimi Castle."),
        ("Ana Tanaka lives here.", "We are met by Mei Tanaka."),
        ("I came in 2014.", "I came in 2015."),
        ("The walk is up to 6 km.", "It is for more than 6 km of more than 7 km."),
    ],
)
def test_what_only_looks_alike_bears_nothing_out(source, sentence):
    (claim,) = check(sentence, sources=(Source("profile", "your profile", source),))
    assert claim.is_open


def test_sentences_are_those_of_the_text():
    text = "Dr. Sato waits at 9 a.m. on the corner.\n- We see approx. 30 gardens. They are small!\n1. Tea (at 7 pm)."
    spans = [text[slice(*span)] for span in sentences.spans(text)]
    assert spans == [
        "Dr. Sato waits at 9 a.m. on the corner.",
        "We see approx. 30 gardens.",
        "They are small!",
        "Tea (at 7 pm).",
    ]
    assert [claim.sentence in text for claim in check(text)] == [True] * 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We are never more than 4. Write to me about street art. It is quiet.", 3),
        ("Das Haus ist aus dem 18. Jahrhundert. Am 3. Mai ist Markt.", 2),
        ("Seit 2014. Heute bin ich hier. Wir sind nie mehr als 4. Danach gibt es Tee.", 4),
        ("It rains… sometimes. Really! 「雨です。」はい。", 4),
    ],
)
def test_a_sentence_ends_where_it_ends(text, count):
    assert len(list(sentences.spans(text))) == count


def test_a_number_that_leaves_out_what_it_counts_counts_the_same():
    source = Source("profile", "your profile", "museums: 49 trips; tea: 21 trips")
    (claim,) = check("I have led 49 trips around museums and 21 around tea.", sources=(source,))
    assert not claim.is_open


@given(number=st.integers(2, 99), unit=st.sampled_from(["years", "guests", "hours", "km", "Jahre", "Gäste"]))
def test_a_number_is_found_whatever_it_is_and_borne_out_by_itself_alone(number, unit):
    said = f"It is {number} {unit}."
    known, other = (Source("profile", "p", f"{count} {unit}") for count in (number, number + 1))
    assert [claim.is_open for claim in check(said, sources=(known,))] == [False]
    assert [claim.is_open for claim in check(said, sources=(other,))] == [True]


@given(number=st.integers(2, 99), language=st.sampled_from(["en", "de"]))
def test_a_number_in_words_is_the_one_in_digits(number, language):
    words = {value: word for word, value in quantities._number_words(language).items()}
    unit = {"en": "years", "de": "Jahre"}[language]
    (written,) = quantities.find(f"{words[number]} {unit}", language)
    (digits,) = quantities.find(f"{number} {unit}", language)
    assert (written.unit, written.value) == (digits.unit, digits.value) == ("years", number)


@given(
    amount=st.decimals(2, 9999, places=2),
    form=st.sampled_from(["€{en}", "{de} €", "{de} Euro", "EUR {en}"]),
)
def test_a_price_is_the_same_however_it_is_written(amount, form):
    english = f"{amount:,.2f}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    source = Source("service", "s", f"{amount} EUR")
    language = "de" if "{de}" in form else "en"
    (claim,) = check(f"It is {form.format(en=english, de=german)}.", language, (source,))
    assert (claim.source, claim.what) == ("s", ("price",))
    assert Decimal(amount) == amount


@given(text=st.text(max_size=300), language=st.sampled_from(["en", "de", "ja", "fr", "xx", "pt-br", ""]))
def test_whatever_the_text_claims_are_pieces_of_it_in_its_order(text, language):
    found = check(text, language)
    places = [text.find(claim.sentence) for claim in found]
    assert min(places, default=0) >= 0
    assert all(claim.sentence == claim.sentence.strip() != "" for claim in found)
    assert {claim.is_open == (claim.source == "") for claim in found} <= {True}
