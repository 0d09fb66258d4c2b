"""Texts as X counts them, by the examples of its own rules (twitter-text, version 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social import x_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello", 5),
        ("é", 1),
        ("e\u0301", 1),  # composed first
        ("“quoted” – and … so’n", 22),  # the ellipsis counts two
        ("京都", 4),
        ("日本語 and English", 18),
        ("한국", 4),
        ("Привет", 6),
        ("😀", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇯🇵🇩🇪", 4),
        ("1️⃣", 2),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("❤️ you", 6),
        ("𝐊", 2),
        ("see https://x.com/aiko/status/1839204857203948572 now", 31),
        ("https://a.b", 23),
        ("http://" + "a" * 300 + ".example", 23),
        ("traveloure.example", 23),
        ("https://x.com/a" + "あ" * 300, 23 + 600),
        ("「https://x.com/a」", 27),
        ("«https://x.com/a».", 26),
        ("こちらtraveloure.exampleです", 33),
    ],
)
def test_a_text_is_as_long_as_x_counts_it(text, length):
    assert x_length.length(text) == length


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_longer_than_two_a_code_point_and_links(text, other):
    bound = 2 * len(text) + x_length.LINK * len(x_length.links(text))
    assert 0 <= x_length.length(text) <= bound


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=200))
def test_han_counts_two(text):
    assert x_length.length(text) == 2 * len(text)
