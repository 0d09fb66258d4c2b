"""What of a message is kept back before a booking, and what is not."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import contacts
from accounts.contacts import Contact

HERE = Path(__file__).parent


def lines(name):
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in row.split(" | ")] for row in rows if row and not row.startswith("#")]


HITS, CLEAN = lines("contact_hits.txt"), lines("contact_clean.txt")


def shown(text):
    return "".join(piece or f"[{kind}]" for piece, kind in contacts.pieces(text, contacts.find(text)))


@pytest.mark.parametrize(("language", "text", "secret"), HITS)
def test_a_way_to_reach_somebody_is_kept_back(language, text, secret):
    assert secret in text
    assert secret not in shown(text)


@pytest.mark.parametrize(("language", "text"), CLEAN)
def test_what_tells_no_way_passes_as_it_is(language, text):
    assert shown(text) == text


@pytest.mark.parametrize("rows", [HITS, CLEAN])
def test_both_lists_are_long_and_speak_five_languages(rows):
    assert len(rows) >= 60
    assert {row[0] for row in rows} == {"en", "de", "es", "fr", "ja"}


def test_the_words_around_stay():
    text = "Write to mei@example.com or see www.mei.example, Rosa!"
    assert shown(text) == "Write to [email] or see [link], Rosa!"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mei@example.com", "email"),
        ("+81 90 1234 5678", "phone"),
        ("mei.com", "link"),
        ("ig: mei_k", "handle"),
    ],
)
def test_each_says_what_it_is(text, kind):
    assert [found.kind for found in contacts.find(text)] == [Contact(kind)]


def test_our_own_address_passes(settings):
    settings.SITE_URL = "https://traveloure.example"
    text = "See https://traveloure.example/experts/mei/ and www.traveloure.example"
    assert shown(text) == text
    assert "evil" not in shown("https://traveloure.example.evil.com/x")


@given(
    st.lists(
        st.sampled_from([*(row[1] for row in HITS + CLEAN), "\n", "@", ".", " 1 ", "ı̇", "😀"]), max_size=6
    )
)
def test_places_are_in_order_within_the_text_and_apart(parts):
    text = " ".join(parts)
    ends = 0
    for start, end, _ in contacts.find(text):
        assert ends <= start < end <= len(text)
        ends = end


def cost(text):
    """Seconds of this process; of three readings the least, so that no compiling and no collecting counts."""
    readings = []
    for _ in range(3):
        began = time.process_time()
        contacts.find(text)
        readings.append(time.process_time() - began)
    return min(readings)


@pytest.mark.parametrize(
    "unit", ["a.", "1 ", "@a", "insta ", "one ", "- ", "a at ", "(at)", "www.", "0", ".com", "一"]
)
def test_no_text_takes_much_longer_than_what_people_write(unit):
    prose = "We would love to see the old town with you, and to eat where people eat, on the 3rd of May. "
    assert cost((unit * 4000)[:4000]) < 60 * cost((prose * 50)[:4000])
