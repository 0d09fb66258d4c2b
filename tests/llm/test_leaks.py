import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.errors import Failure, FailureKind
from llm.filtering import Reason, check, leaks
from llm.prompt import Audience

CANARY = leaks.canary("matching.explain", 1)
INSTRUCTIONS = (
    "You explain to a traveler in two short paragraphs why the expert fits the trip. Use only what the sections say. "
    "Never promise anything that the expert does not offer, and never mention other experts by name."
)
ENCODED = {
    "as it is": CANARY,
    "in capitals": CANARY.upper(),
    "spaced": " ".join(CANARY),
    "dotted": "-".join(CANARY[i : i + 3] for i in range(0, len(CANARY), 3)),
    "over lines": "\n".join(CANARY),
    "with marks": "".join(f"*{letter}*" for letter in CANARY),
    "with gaps nobody sees": "\u200b".join(CANARY),
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in CANARY),
    "look-alikes": CANARY.translate(str.maketrans("aeopc", "аеорс")),
    "backwards": CANARY[::-1],
    "rotated": codecs.encode(CANARY, "rot13"),
    "hexadecimal": CANARY.encode().hex(" "),
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 amid more": base64.b64encode(f"It is {CANARY}, ok?".encode()).decode(),
    "base64 amid less": base64.b64encode(f"k={CANARY}.".encode()).decode(),
}


def leaked(text, **given):
    verdicts = check(text, audience=Audience.CODE, **given)
    assert {verdict.reason for verdict in verdicts} <= {Reason.LEAK}
    return [verdict.span for verdict in verdicts]


@pytest.mark.parametrize("spelled", ENCODED.values(), ids=ENCODED.keys())
def test_the_canary_is_found_in_any_spelling(spelled):
    (span,) = leaked(f"Sure! Here: {spelled} That was all.", canary=CANARY)
    assert span in f"{spelled} That was all."
    assert leaked(span, canary=CANARY) == [span]


def test_the_canary_is_the_same_for_one_version_and_unlike_any_other(settings):
    assert leaks.canary("matching.explain", 1) == CANARY
    others = {leaks.canary("matching.explain", 2), leaks.canary("matching.rate", 1)}
    settings.SECRET_KEY = "another"
    assert len({CANARY, *others, leaks.canary("matching.explain", 1)}) == 4
    assert not leaked("A quiet walk along the river.", canary=CANARY)


@pytest.mark.parametrize(
    "text",
    [
        INSTRUCTIONS,
        "My orders: explain to a traveler in two short paragraphs why the expert fits the trip. Nice?",
        "EXPLAIN TO A TRAVELER, in two short paragraphs:\n- why the expert fits the trip",
        "so: neverpromiseanythingthattheexpertdoesnotofferandnevermentionotherexpertsbyname",
    ],
)
def test_a_long_stretch_of_the_instructions_is_a_leak(text):
    (span,) = leaked(text, instructions=INSTRUCTIONS)
    assert len(span) >= 60


@pytest.mark.parametrize(
    "text",
    [
        "Two short paragraphs would explain to a traveler why the expert fits the trip.",
        "The expert fits the trip. Use only what the sections say.",
        "You explain to a traveler in two short paragraphs why",
        "",
    ],
)
def test_a_few_words_of_the_instructions_are_none(text):
    assert not leaked(text, instructions=INSTRUCTIONS)


@pytest.mark.parametrize("words", range(9, 16))
def test_twelve_words_are_the_limit_wherever_they_stand(words):
    stretch = INSTRUCTIONS.split()[3 : 3 + words]
    for before in range(7):
        text = " ".join(["river"] * before + stretch + ["river"])
        assert bool(leaked(text, instructions=INSTRUCTIONS)) == (words >= 12)


def pieces(text, data):
    while text:
        length = data.draw(st.integers(1, 30))
        yield text[:length]
        text = text[length:]


WHOLE = sorted(spelled for name, spelled in ENCODED.items() if "amid" not in name)


@given(st.sampled_from(WHOLE), st.text(max_size=20), st.data())
def test_no_part_of_a_canary_reaches_the_reader(spelled, before, data):
    watch = leaks.Watch(CANARY)
    shown: list[str] = []
    with pytest.raises(Failure) as caught:
        shown.extend(watch.feed(piece) for piece in pieces(f"{before} | {spelled}", data))

    assert caught.value.kind is FailureKind.LEAKED
    assert CANARY not in str(caught.value)
    assert f"{before} | *".startswith("".join(shown))


@given(st.text(), st.data())
def test_every_other_text_comes_through_whole(text, data):
    watch = leaks.Watch(CANARY)
    assert "".join([watch.feed(piece) for piece in pieces(text, data)]) + watch.end() == text


def test_a_canary_that_breaks_off_comes_through():
    watch = leaks.Watch(CANARY)
    assert watch.feed("so " + CANARY[:-1]) == "so "
    assert watch.feed("? no") == CANARY[:-1] + "? no"[: len("? no")]
    assert watch.end() == ""


def test_without_a_canary_nothing_waits():
    assert leaks.Watch("").feed("anything") == "anything"
