import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_assistant import listening
from content_assistant.prompts.inquiry import INQUIRY
from llm import filtering
from tests.content_assistant.replies import OFFERS, TRIP, blocking, facts_of, findings
from tests.content_assistant.writers import offline

ENGLISH = (
    "Hi! We would love to come. How much does it cost? Are you free on those days? Is there vegan food? "
    "What should we wear in the temples? Can you pick us up at the hotel?"
)
GERMAN = (
    "Guten Tag, wir kommen zu dritt. Was kostet eine Führung? Haben Sie Zeit? Sprechen Sie Deutsch? "
    "Gibt es etwas ohne Gluten? Was zieht man im Tempel an?"
)
ASKED = [
    "How much is it?", "Are you free?", "How long does it take?", "How many people can come?", "Is lunch included?",
    "Do you speak German?", "Can we cancel?", "Is it good for kids?", "Do you like cats?", "Which temple is oldest?",
    "Where do we meet?", "Will it rain?", "How do we pay?", "Is there a wheelchair ramp?", "Who cooks?",
]  # fmt: skip


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(ASKED), max_size=12, unique=True),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(["en", "de", "it"]),
    st.sampled_from(["friendly", "concise", "detailed", "formal"]),
)
def test_the_offline_reply_is_as_long_as_it_should_be_and_answers_all(asked, services, trip, language, style):
    facts = facts_of(
        " ".join(asked), services=services, trip=TRIP if trip else None, language=language, style=style
    )
    reply = offline(INQUIRY, facts)
    assert 250 <= len(reply.split()) <= 350
    told = ["language"] if language == "it" else []
    assert [one.rule for one in findings(reply, facts)] == told


def test_it_answers_from_facts_and_says_what_has_to_be_checked():
    reply = offline(INQUIRY, facts_of(ENGLISH))
    assert "“Temple walk at dawn”: price $90 for the group." in reply
    assert "Apr 4, 2027 would not work" in reply
    assert "“What should we wear in the temples?” I do not want to guess" in reply
    assert "Food and diets, Pick-up and transport" in reply
    assert reply.startswith("Hi Anna,")
    assert reply.endswith("Mei Tanaka")


def test_it_answers_in_german():
    reply = offline(INQUIRY, facts_of(GERMAN, language="de"))
    assert "„Temple walk at dawn“: Preis $90" in reply
    assert "„Was zieht man im Tempel an?“ Hier will ich nicht raten" in reply
    assert "First" not in reply


@pytest.mark.parametrize("asked", [ASKED[:7], ASKED[7:], ASKED[::2], []])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_doors_filter_has_nothing_against_it(asked, language):
    facts = facts_of(" ".join(asked), language=language)
    sources = [str(getattr(facts, name)) for name in sorted(INQUIRY.sources)]
    assert filtering.check(offline(INQUIRY, facts), audience=INQUIRY.audience, sources=sources) == ()


def test_without_a_calendar_it_promises_no_day():
    reply = offline(INQUIRY, facts_of("Are you free in May?", trip=TRIP | {"free": [], "taken": []}))
    assert "Your dates: for this I want to make sure first" in reply


# Listening


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hello. How much is it? Thanks!", ["How much is it?"]),
        ("Please let us know whether dogs may come. Bye.", ["Please let us know whether dogs may come."]),
        ("1. Is it far?\n2. Is it steep?", ["Is it far?", "Is it steep?"]),
        ("Is it far? Is it far?", ["Is it far?"]),
        ("料金はいくらですか？ありがとう。", ["料金はいくらですか？"]),
        ("Wir wüssten gern, ob Hunde mitdürfen.", ["Wir wüssten gern, ob Hunde mitdürfen."]),
        ("¿Hay descuentos? Gracias.", ["¿Hay descuentos?"]),
        ("What a lovely page", ["What a lovely page"]),
        ("We look forward to it. ???", []),
    ],
)
def test_questions_are_found(text, asked):
    assert listening.questions(text) == asked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("Hola, somos dos y nos gustaría una visita para el sábado con los niños.", "es"),
        ("Bonjour, nous sommes deux et nous cherchons une visite pour les enfants avec vous.", "fr"),
        ("こんにちは、春に京都へ行きます。", "ja"),
        ("Kyoto 2027!", "xx"),
        ("", "xx"),
    ],
)
def test_the_language_of_messages(text, language):
    assert listening.language_of(text, otherwise="xx") == language


# Checks


def reply_with(sentence):
    return offline(INQUIRY, facts_of("")).replace(
        "\n\nAs a next step", f"\n\n{sentence}\n\nAs a next step", 1
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "The walk is $90 for the group, as it stands on my page.",
        "The market costs USD 50 per person.",
        "Let us meet at 9 am; it takes 3 h and we walk 5 km.",
        "I cannot offer a discount, but I can plan well.",
        "Feel free to ask, I have free days in May.",
        "You pay 50 per person for the market.",
        "There are 400 steps and 12 gates.",
    ],
)
def test_what_facts_say_may_be_said(sentence):
    assert blocking(reply_with(sentence), facts_of("")) == set()


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("The walk is €90 for the group.", "price"),
        ("Four of you pay $360.", "price"),
        ("It costs 45 per person.", "price"),
        ("Ten euros will do.", "price"),
        ("Kostet nur ９０００ 円.", "price"),
        ("With a 10% reduction it is yours.", "discount"),
        ("Zum halben Preis gern.", "discount"),
        ("The tea is complimentary.", "discount"),
        ("Write to [EMAIL_1] then.", "field"),
        ("Write to mei (at) example (dot) com then.", "contact"),
    ],
)
def test_what_no_fact_says_is_kept_back(sentence, rule):
    [found] = [one for one in findings(reply_with(sentence), facts_of("")) if one.blocks]
    assert found.rule == rule
    start, end = found.spans[0]
    assert reply_with(sentence)[start:end] in sentence


def test_what_the_expert_offers_for_nothing_may_be_said():
    offers = [OFFERS[0] | {"includes": ["complimentary tea"]}]
    assert blocking(reply_with("There is complimentary tea."), facts_of("")) == {"discount"}
    facts = facts_of("")
    own = type(facts).model_validate(facts.model_dump() | {"services": offers + OFFERS[1:]})
    assert blocking(reply_with("There is complimentary tea."), own) == set()


def test_a_price_that_the_traveler_names_is_no_fact():
    facts = facts_of("Our budget is $20 for the walk, is that fine?")
    assert blocking(reply_with("The walk is $20 then."), facts) == {"price"}


def test_a_question_that_nobody_answers_is_told_by_number_alone():
    facts = facts_of("Is the moss garden open? Which tram goes there?")
    [found] = findings(offline(INQUIRY, facts_of("")), facts)
    assert found.rule == "unanswered"
    assert not found.blocks
    assert "moss garden" in found.message
    assert "moss" not in found.repair
    assert "1, 2" in found.repair
