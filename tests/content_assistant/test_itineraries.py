from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from content_assistant import itineraries, itinerary_exports
from content_assistant.checks import Source, Text, plans
from content_assistant.itineraries import BLOCKS, Day, Itinerary, Option
from content_assistant.prompts.itinerary import ITINERARY, Facts, Plan, itinerary_of
from tests.content_assistant import writers

SERVICES = [
    {"title": "Market morning", "about": "We follow a cook's shopping list. And more.", "length": "3 h"},
    {"title": "Six glasses", "about": "What grows here, and why.", "length": "2.5 h"},
]


def facts(**fields):
    given = {
        "language": "en", "days": 3, "most": 5, "words": 30, "destination": "Lisbon", "theme": "",
        "specialties": ["Street food", "Wine and vineyards", "LGBTQ+ travel"], "services": SERVICES,
        "profile": "I cook.", "wish": "", "text_before": "",
    }  # fmt: skip
    return Facts.model_validate(given | fields)


def offline(**fields):
    return itinerary_of(writers.offline(ITINERARY, facts(**fields)))


def findings(itinerary, asked, sources=()):
    text = Text(
        itineraries.markdown(itinerary), asked.language, itinerary.model_dump(mode="json"), asked, sources
    )
    checks = (plans.days, plans.options, plans.supported, plans.contacts)
    return [one for check in checks for one in check(text)]


def one_day(*options):
    plenty = [Option(title=f"Choice {number}", note="") for number in range(4)]
    parts = {"afternoon": plenty, "evening": plenty, "eat": [], "notes": [], "instead": []}
    return Itinerary(title="T", summary="S", days=[Day(title="D", morning=list(options), **parts)])


# Offline


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("days", [1, 2, 7, 21])
@pytest.mark.parametrize(
    "specialties", [[], ["Street food"], ["Street food", "Wine", "Dance", "Architecture"]]
)
def test_without_a_model_it_has_what_was_asked_for(language, days, specialties):
    asked = facts(language=language, days=days, specialties=specialties)
    itinerary = itinerary_of(writers.offline(ITINERARY, asked))
    assert findings(itinerary, asked) == []
    for day in itinerary.days:
        assert all(3 <= len(getattr(day, block)) <= 5 for block in BLOCKS)
        assert len(day.eat) == 3
        assert len(day.notes) == len(day.instead) == 2


def test_each_service_of_the_expert_comes_once_under_its_name():
    used = [one.service for one in offline().options() if one.service]
    assert sorted(used) == ["Market morning", "Six glasses"]


def test_what_rests_on_nothing_is_marked_and_the_experts_own_is_not():
    for day in offline().days:
        for part, options in day.parts():
            for one in options:
                assert ("opening" in one.check) == (not one.service and part not in ("notes", "instead"))


def test_the_days_differ():
    days = [day.model_dump_json() for day in offline(days=21).days]
    assert len(set(days)) == 21


def test_whoever_has_named_no_specialty_gets_the_theme():
    assert "gardens" in offline(specialties=[], theme="gardens").title


# Of a model


def test_a_line_is_title_note_and_what_it_rests_on():
    lines = ["Walk | Nice. | https://a.example/x", "Tour | Mine. | Market morning", "Bare", "A | b | c | d"]
    day = {
        "title": "D",
        "morning": lines,
        "afternoon": [],
        "evening": [],
        "eat": [],
        "notes": [],
        "instead": [],
    }
    plan = Plan.model_validate({"title": "T", "summary": "", "language": "en", "days": [day]})
    first, second, third, fourth = itinerary_of(plan).days[0].morning
    assert (first.source, first.service, first.check) == ("https://a.example/x", "", [])
    assert (second.service, second.check) == ("Market morning", [])
    assert (third.title, third.note, third.check) == ("Bare", "", ["opening"])
    assert fourth.service == "c | d"


@pytest.mark.parametrize(
    "note", ["A 10 minute walk away.", "2 km along the river.", "fünf Gehminuten", "駅から5分"]
)
def test_distances_are_marked_too(note):
    marked = itineraries.marked(one_day(Option(title="Café", note=note)))
    assert marked.days[0].morning[0].check == ["opening", "distance"]


def test_an_invented_service_or_page_is_kept_back():
    options = [
        Option(title="A", note="", service="Rocket ride"),
        Option(title="B", note="", source="https://b.example/"),
    ]
    found = findings(one_day(*options, Option(title="C", note="")), facts(days=1))
    assert [(one.rule, one.blocks) for one in found] == [("service", True), ("source", True)]
    cited = (Source("citation", "b.example", "", "https://b.example"),)
    assert [
        one.rule for one in findings(one_day(*options, Option(title="C", note="")), facts(days=1), cited)
    ] == ["service"]


@pytest.mark.parametrize("note", ["Call +351 912 345 678", "insta: lisbon_tours", "Book at www.tours.com"])
def test_contacts_are_kept_back(note):
    found = findings(one_day(*[Option(title="A", note=note)] * 3), facts(days=1))
    assert [(one.rule, one.blocks) for one in found] == [("contact", True)]


def test_too_few_days_or_choices_are_told():
    found = findings(one_day(Option(title="A", note="")), facts(days=2))
    assert [one.rule for one in found] == ["days", "options"]
    assert not any(one.blocks for one in found)


# Markdown


@pytest.mark.parametrize("language", ["en", "de"])
def test_markdown_and_back(language):
    itinerary = offline(language=language, days=4)
    text = itineraries.markdown(itinerary)
    assert itineraries.markdown(itineraries.parse(text, language)) == text


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(WORDS, WORDS, st.lists(st.sampled_from(["opening", "distance"]), unique=True))
def test_whatever_people_type_stays_readable(title, note, check):
    itinerary = one_day(Option(title=title, note=note, check=check))
    again = itineraries.parse(itineraries.markdown(itinerary), "en")
    assert len(again.days) == 1
    assert len(again.days[0].morning) == 1
    assert len(again.days[0].afternoon) == 4


def test_headings_in_a_language_that_nobody_listed_are_read_by_their_place():
    text = "# 旅\n\n## 1日目：市場\n\n### 朝\n- **市場** – 早い\n\n### 昼\n- **寺**\n\n### 夜\n- **酒** *(確認)*\n"
    [day] = itineraries.parse(text, "ja").days
    assert day.title == "市場"
    assert [one.title for one in day.morning + day.afternoon + day.evening] == ["市場", "寺", "酒"]
    assert day.evening[0].check == ["opening"]


def test_an_edited_text_counts_and_not_what_was_stored():
    itinerary = offline()
    text = (
        itineraries.markdown(itinerary)
        .replace("Market morning", "Fish auction")
        .replace(" *(check: opening days)*", "")
    )
    again = itineraries.of(text, itinerary.model_dump(mode="json"), "en")
    assert "Fish auction" in {one.title for one in again.options()}
    assert not any(one.check for one in again.options())


def test_lines_that_were_wrapped_belong_to_their_choice_and_a_day_needs_no_title():
    text = "# T\n\n## Day 1\n\n### Morning\n- **Market** – early,\n  before eight\n- **Temple**\n"
    [day] = itineraries.parse(text, "en").days
    assert (day.title, [(one.title, one.note) for one in day.morning]) == (
        "",
        [("Market", "early, before eight"), ("Temple", "")],
    )
    assert itineraries.unread(text) == []


def test_what_one_can_only_guess_is_named():
    text = "# T\n\n## Day 1: A\n\nA word first.\n\n### Matinee\n- **Market**\n- just a walk\n"
    assert itineraries.unread(text) == ["A word first.", "Matinee", "- just a walk"]
    assert itineraries.unread(itineraries.markdown(offline())) == []


def test_an_unchanged_text_keeps_what_it_rests_on():
    itinerary = offline()
    assert (
        itineraries.of(itineraries.markdown(itinerary), itinerary.model_dump(mode="json"), "en") == itinerary
    )


# Fields


def test_fields_are_filled_in_everywhere_and_the_itinerary_stays():
    itinerary = offline()
    before = itinerary.model_dump_json()
    filled = itineraries.filled(itinerary, {"CLIENT NAME": "Ada\n## Day 9: [HOTEL]", "HOTEL": "Casa"})
    assert itinerary.model_dump_json() == before
    assert "Prepared for Ada ## Day 9: [HOTEL], staying at Casa." in filled.summary
    assert len(itineraries.parse(itineraries.markdown(filled), "en").days) == 3


def test_the_form_asks_for_each_field_once():
    form = itinerary_exports.FieldsForm(itinerary=offline())
    assert len(form.names) == len(set(form.names.values()))
    assert {"CLIENT NAME", "HOTEL", "STREET FOOD 1"} <= form.names.keys()


@pytest.mark.parametrize(("kind", "valid"), [("page", True), ("markdown", True), ("calendar", False)])
def test_only_a_calendar_needs_a_first_day(kind, valid):
    form = itinerary_exports.FieldsForm({"start": ""}, itinerary=offline(), kind=kind)
    assert form.is_valid() is valid


# Calendar


def events(zone, start=date(2027, 3, 28)):
    stamp = datetime(2027, 1, 1, 12, tzinfo=UTC)
    content = itinerary_exports.ical(offline(), start, zone=zone, seed="1 1", stamp=stamp)
    return content, list(Calendar.from_ical(content).walk("VEVENT"))


def test_the_calendar_has_three_parts_a_day_by_the_clock_of_the_place():
    _content, found = events("Europe/Lisbon")
    assert len(found) == 9
    assert len({str(event["uid"]) for event in found}) == 9
    starts = [event.decoded("dtstart") for event in found]
    # The clocks go forward on the first day, at one in the morning: nine o'clock is eight in UTC.
    assert starts[0] == datetime(2027, 3, 28, 8, tzinfo=UTC)
    assert starts[3] == datetime(2027, 3, 29, 8, tzinfo=UTC)
    assert all(str(event["transp"]) == "TRANSPARENT" for event in found)


def test_the_calendar_is_the_same_each_time_and_tells_what_to_check():
    content, found = events("Asia/Tokyo")
    assert events("Asia/Tokyo")[0] == content
    assert "(check: opening days)" in str(found[0]["description"])
