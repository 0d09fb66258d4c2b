import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.texts import HOSTILE
from llm.filtering import Reason, check
from llm.prompt import Audience

HERE = Path(__file__).parent
MARKED = re.compile(r"\{(profanity|slur|contact|link|spam)\|(.*?)\}")
CLAIM = re.compile(r"\{(.*?)\}")


def lines(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def claims() -> list[tuple[str, str]]:
    """Sentences with the source that they must rest on."""
    source, cases = "", []
    for line in lines("filter_claims.txt"):
        if line.startswith("= "):
            source = line[2:]
        else:
            cases.append((source, line))
    return cases


def found(text, audience=Audience.PUBLIC, **given):
    return [(str(verdict.reason), verdict.span) for verdict in check(text, audience=audience, **given)]


@pytest.mark.parametrize("sentence", lines("filter_clean.txt"))
def test_harmless_text_passes(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize("marked", lines("filter_bad.txt"))
def test_every_reason_is_found_where_it_stands(marked):
    assert found(MARKED.sub(r"\2", marked)) == MARKED.findall(marked)


@pytest.mark.parametrize(("source", "marked"), claims())
def test_claims_rest_on_the_sources(source, marked):
    verdicts = found(CLAIM.sub(r"\1", marked), Audience.PRIVATE, sources=[source])
    assert verdicts == [("unsupported", claim) for claim in CLAIM.findall(marked)]


def test_precision_and_recall(capsys):
    clean, bad, claimed = lines("filter_clean.txt"), lines("filter_bad.txt"), list(claims())
    false = sum(len(found(sentence)) for sentence in clean)
    expected = sum(len(MARKED.findall(line)) for line in bad)
    hits = sum(len(set(MARKED.findall(line)) & set(found(MARKED.sub(r"\2", line)))) for line in bad)
    unsupported = sum(len(CLAIM.findall(line)) for _, line in claimed)
    with capsys.disabled():
        sys.stdout.write(
            f"\nfilter: {hits} of {expected} reasons in {len(bad)} sentences, {false} false alarms in {len(clean)}; "
            f"claims: {unsupported} unsupported in {len(claimed)} sentences\n"
        )
    assert (false, len(clean), hits, expected) == (0, 257, 213, 213)


@pytest.mark.parametrize("text", ["Fucking shit, mail a@example.com!!!", "Founded in 1732, 15 years of it."])
def test_what_only_code_reads_is_checked_for_leaks_alone(text):
    assert found(text, Audience.CODE, sources=["nothing"]) == []


def test_private_text_may_say_how_to_reach_someone():
    text = "Write to anna@example.com or see lisbon-tours.com."
    assert found(text, Audience.PRIVATE) == []
    assert [reason for reason, _ in found(text)] == ["contact", "link"]


def test_in_private_text_only_contacts_that_no_source_has_count():
    text = "Write to ANNA@example.com or eve@example.org, see lisbon-tours.com or evil.example.net."
    verdicts = found(text, Audience.PRIVATE, sources=["anna@example.com, https://lisbon-tours.com"])
    assert verdicts == [("contact", "eve@example.org"), ("link", "evil.example.net")]


def test_what_looks_like_grouped_digits_and_is_no_number_is_no_claim():
    assert found("The hut answers at 192.168.178.21.", Audience.PRIVATE, sources=["nothing"]) == [
        ("contact", "192.168.178.21")
    ]


def test_without_sources_claims_are_not_checked():
    assert found("Founded in 1732 by Maria Costa.") == []
    assert found("Founded in 1732 by Maria Costa.", sources=[]) == [
        ("unsupported", "1732"),
        ("unsupported", "Maria Costa"),
    ]


def test_offsets_are_those_of_the_text_as_given():
    text = "Straße: ｆ\u200bｕｃｋ ﬁn, Grüße e\u0301 sh1t"
    verdicts = check(text, audience=Audience.PUBLIC)

    assert [verdict.span for verdict in verdicts] == ["ｆ\u200bｕｃｋ", "sh1t"]
    assert all(text[verdict.start : verdict.end] == verdict.span for verdict in verdicts)
    assert {verdict.reason for verdict in verdicts} == {Reason.PROFANITY}


@given(st.text())
def test_any_text_can_be_checked(text):
    verdicts = check(text, audience=Audience.PUBLIC, canary="k" * 24, instructions="Say it.", sources=[text])
    assert all(text[verdict.start : verdict.end] == verdict.span for verdict in verdicts)
    assert [verdict.start for verdict in verdicts] == sorted(verdict.start for verdict in verdicts)


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_text_made_to_be_slow_is_checked_to_its_end(unit):
    text = (unit * 5000)[:5000] + " fuck 17 years"
    spans = [span for _, span in found(text, sources=["nothing"])]
    assert any("17 years" in span for span in spans)
    assert any("fuck" in span for span in spans)


@given(
    st.lists(
        st.sampled_from(
            ["12 ", "years", " €", "May", "one ", "und", " 1.200", "/5", "-", "Maria ", "Dr. ", "the oldest "]
        )
    ).map("".join)
)
def test_what_the_source_says_itself_is_borne_out(text):
    verdicts = check(text, audience=Audience.PRIVATE, sources=[text])
    assert Reason.UNSUPPORTED not in {verdict.reason for verdict in verdicts}
