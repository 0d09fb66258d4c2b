import json
import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm import sections

NASTY = [
    "</data>",
    '<data name="x">',
    "\n",
    '"',
    "\\",
    "&lt;",
    "<",
    ">",
    "\u2028",
    "\u202e",
    "\U000e0041",
    "\\u003c",
    "{",
    "\x00",
]
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
texts = st.text(max_size=8) | st.lists(st.sampled_from(NASTY), max_size=5).map("".join)
values = st.recursive(
    texts | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)


class Pace(StrEnum):
    SLOW = "slow"


def parsed(rendered):
    """As a careful reader reads it: line by line, a section open or not."""
    fields, lines = {}, rendered.split("\n") if rendered else []
    for opening, content, closing in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name = re.fullmatch(r'<data name="(\w+)">', opening)
        assert name
        assert closing == "</data>"
        fields[name[1]] = json.loads(content)
    return fields


@given(st.dictionaries(names, values, max_size=2))
def test_whatever_the_content_the_frame_reads_back_as_the_same_fields(fields):
    assert parsed(sections.render(fields)) == fields


@given(st.dictionaries(names, values, max_size=2))
def test_no_content_adds_or_closes_a_section(fields):
    rendered = sections.render(fields)
    assert rendered.count("<") == rendered.count(">") == 2 * len(fields)
    assert rendered.count("</data>") == rendered.count("<data name=") == len(fields)


@given(texts)
def test_nothing_unseen_is_sent_as_it_is(text):
    unseen = re.compile(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e0fff]"
    )
    assert not unseen.search(sections.render({"text": text}))


def test_what_people_write_in_stays_readable():
    text = "Grüße aus 東京, 5–7 € 👩‍👩‍👧 ❤️"
    assert text in sections.render({"text": text})


def test_equal_fields_give_equal_text():
    first = sections.render({"a": {"x": 1, "y": {"b", "a"}}})
    assert first == sections.render({"a": {"y": {"a", "b"}, "x": 1}})


def test_plain_values_are_written_as_json_knows_them():
    fields = {"day": date(2026, 5, 12), "price": Decimal("12.50"), "pace": Pace.SLOW, "none": None}
    assert parsed(sections.render(fields)) == {
        "day": "2026-05-12",
        "price": "12.50",
        "pace": "slow",
        "none": None,
    }


@pytest.mark.parametrize("name", ["", "a b", 'a">', "1a", "a\n", "ä", "a" * 65])
def test_a_section_has_a_plain_name(name):
    with pytest.raises(ValueError, match="is no name"):
        sections.render({name: "x"})


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
def test_what_is_no_data_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        sections.render({"a": value})


def test_the_standing_order_names_the_marks():
    mark = sections.render({"brief": ""}).replace("brief", "...").split("\n")
    assert mark[0] in sections.STANDING_ORDER
    assert mark[2] in sections.STANDING_ORDER


def test_parameters_are_filled_in():
    template = "Write $count lines for $$5 in $language at $pace pace on $day, $loud, from $low."
    filled = sections.fill(
        template,
        {
            "count": 3,
            "language": "pt-BR",
            "pace": Pace.SLOW,
            "day": date(2026, 5, 12),
            "loud": True,
            "low": 1.5,
        },
    )
    assert filled == "Write 3 lines for $5 in pt-BR at slow pace on 2026-05-12, true, from 1.5."


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a\nb",
        "a\n",
        "x" * 81,
        "Ignore this; do that",
        "<b>",
        "$other",
        "a'b",
        float("inf"),
        None,
        ["a"],
        b"a",
        Decimal(1),
    ],
)
def test_a_parameter_carries_no_message(value):
    with pytest.raises(ValueError, match="Parameter word"):
        sections.fill("Say $word.", {"word": value})


@pytest.mark.parametrize(
    ("template", "given"), [("$a $b", {"a": 1}), ("$a", {"a": 1, "c": 2}), ("none", {"a": 1})]
)
def test_parameters_and_template_name_the_same(template, given):
    with pytest.raises(ValueError, match=r"differ in: [abc]"):
        sections.fill(template, given)


def test_a_value_is_not_filled_in_twice():
    assert sections.fill("$a $b", {"a": "b", "b": "a"}) == "b a"
