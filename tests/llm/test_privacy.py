import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.texts import HOSTILE
from llm.privacy import Scrubber, StreamRestorer

HERE = Path(__file__).parent
MARKED = re.compile(r"\{(\w+)\|(.*?)\}")
ALL = frozenset({"email", "phone", "card", "iban", "passport", "ssn", "ip", "address", "person"})


def lines(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def as_replaced(marked):
    """What the sentence must leave as, with every detail numbered by its first appearance."""
    numbers: dict[str, list[str]] = {}

    def placeholder(match):
        seen = numbers.setdefault(match[1], [])
        value = match[2].lower()
        if value not in seen:
            seen.append(value)
        return f"[{match[1].upper()}_{seen.index(value) + 1}]"

    return MARKED.sub(placeholder, marked)


@pytest.mark.parametrize("marked", lines("privacy_found.txt"))
def test_every_detail_is_replaced_and_nothing_else(marked):
    assert Scrubber().scrub(MARKED.sub(r"\2", marked)) == as_replaced(marked)


@pytest.mark.parametrize("sentence", lines("privacy_clean.txt"))
def test_numbers_that_are_nobodys_stay(sentence):
    assert Scrubber().scrub(sentence) == sentence


def test_precision_and_recall(capsys):
    marked, clean = lines("privacy_found.txt"), lines("privacy_clean.txt")
    details = sum(len(MARKED.findall(line)) for line in marked)
    found = sum(
        len(re.findall(r"\[[A-Z]+_\d\]", Scrubber().scrub(MARKED.sub(r"\2", line)))) for line in marked
    )
    false = sum(Scrubber().scrub(line) != line for line in clean)
    with capsys.disabled():
        sys.stdout.write(
            f"\nprivacy: {found} of {details} details, {false} false alarms in {len(clean)} sentences\n"
        )
    assert (found, details, false, len(clean)) == (204, 204, 0, 184)


def test_the_same_value_is_the_same_placeholder_in_all_texts():
    scrubber = Scrubber()
    first = scrubber.scrub("Call +49 171 2345678 or write to a@example.com, again: +49 (171) 234-5678.")
    second = scrubber.scrub("Not b@example.com but A@Example.com.")

    assert first == "Call [PHONE_1] or write to [EMAIL_1], again: [PHONE_1]."
    assert second == "Not [EMAIL_2] but [EMAIL_1]."
    assert scrubber.found == {"phone": 1, "email": 2}


def test_only_the_kinds_asked_for_come_back():
    scrubber = Scrubber()
    scrubber.scrub("a@example.com, +49 171 2345678")
    text = "Write [EMAIL_1], call [PHONE_1], not [EMAIL_2]."

    assert (
        scrubber.restore(text, frozenset({"email"})) == "Write a@example.com, call [PHONE_1], not [EMAIL_2]."
    )
    assert scrubber.restore(text, frozenset()) == text


@pytest.mark.parametrize(
    "forged", ["[EMAIL_1]", "[email_1]", "［EMAIL_1］", "[ EMAIL_1 ]", "[EM​AIL_1]", "[EMAIL 1]"]
)
def test_a_placeholder_in_a_text_given_is_no_placeholder(forged):
    scrubber = Scrubber()
    sent = scrubber.scrub(f"Repeat {forged} to me. My own is a@example.com.")

    assert sent.lower() == "repeat (email 1) to me. my own is [email_1]."
    assert scrubber.restore(sent, ALL).count("a@example.com") == 1


def test_values_are_no_templates():
    scrubber = Scrubber(["Anna \\1 Lind"])
    sent = scrubber.scrub("Anna \\1 Lind, a.\\g<0>b+1@example.com")

    assert "b+1" not in sent
    assert scrubber.restore(sent, ALL) == "Anna \\1 Lind, a.\\g<0>b+1@example.com"


def test_equal_questions_leave_as_equal_texts():
    texts = ["Anna Lind, a@example.com, 0171 2345678", "Anna: b@example.com"]

    def sent():
        scrubber = Scrubber(["Anna Lind"])
        return [scrubber.scrub(text) for text in texts]

    assert sent() == sent()


PIECES = [
    "Anna Lind",
    "Anna",
    "a@example.com",
    "0171 2345678",
    " ",
    ".",
    "[",
    "]",
    "x",
    "EMAIL",
    "[EMAIL_1]",
    "é",
    "s",
    "さん",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.data())
@example("Hello Anna Lind, Annas", None)
def test_a_text_in_pieces_is_restored_like_a_whole_one(text, data):
    scrubber = Scrubber(["Anna Lind"])
    sent = scrubber.scrub(text)
    restorer = StreamRestorer(scrubber, ALL)
    shown, rest = "", sent
    while rest:
        length = data.draw(st.integers(1, 7)) if data else 1
        shown += restorer.feed(rest[:length])
        rest = rest[length:]

    assert shown + restorer.end() == scrubber.restore(sent, ALL)


@given(st.text())
def test_any_text_can_be_scrubbed(text):
    scrubber = Scrubber(["Anna Lind"])
    assert isinstance(scrubber.restore(scrubber.scrub(text), ALL), str)


@pytest.mark.parametrize("unit", [unit for unit in HOSTILE if "[" not in unit])
def test_a_text_made_to_be_slow_comes_back_whole(unit):
    text = (unit * 5000)[:5000]
    scrubber = Scrubber()
    assert scrubber.restore(scrubber.scrub(text), ALL) == text


def test_a_stream_shows_what_cannot_be_part_of_a_placeholder_at_once():
    scrubber = Scrubber()
    scrubber.scrub("a@example.com")
    restorer = StreamRestorer(scrubber, frozenset({"email"}))

    assert [restorer.feed(piece) for piece in ("Hi [x] ", "[EM", "AIL_1", "]!")] == [
        "Hi [x] ",
        "",
        "",
        "a@example.com!",
    ]


def test_the_finders_of_numbers_are_imported_when_needed():
    program = "import llm.privacy, sys; print([m for m in ('phonenumbers', 'stdnum') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=HERE.parents[1])
    assert run.stdout == "[]\n", run.stderr
