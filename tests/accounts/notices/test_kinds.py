"""What notices say: every kind, whatever its facts are, in every language and zone."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Delivery, Notice
from accounts.notices.facts import Facts
from accounts.notices.kinds import KINDS, Kind, register, words_of
from accounts.zones import names

EXPERT = ["approve", "pause", "reinstate", "reopen", "resume", "return", "submit", "suspend"]
EXPERT += ["unverify", "verify"]
BOOKING = "cancelled completed confirmed declined expert_suspended expired held no_show requested".split()
BOOKING += ["expert_reinstated"]
OFFER = "countered expired made withdrawn".split()
REVIEW = "hide publish reply show write".split()
DECLARED = {
    *(f"expert.{name}" for name in EXPERT),
    *(f"booking.{name}" for name in BOOKING),
    *(f"offer.{name}" for name in OFFER),
    *(f"reschedule.{name}" for name in ("proposed", "accepted", "refused", "withdrawn", "expired")),
    *(f"review.{name}" for name in REVIEW),
    *("dispute.opened", "dispute.decided", "report.decided"),
    *("inquiry.message", "waitlist.opened"),
    *(f"draft.{name}" for name in ("approved", "edited", "rejected")),
}
# Of no other person, for staff alone, and by default in the daily mail.
OF_STAFF = {"social.alerts"}
NAMES = (
    "who side what start end zone people price currency until refund reason text city stars first days month"
    " starts cancellation cancelled tool before missing checked decision"
)
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.datetimes().map(str),
    st.sampled_from(["2027-04-03", "2027-04-03T09:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "%s"]),
)  # fmt: skip
facts = st.dictionaries(st.sampled_from(NAMES.split()), odd)


def said(kind, facts=(), language="en", zone="UTC", url="/x/"):
    with translation.override(language), timezone.override(zone):
        return words_of(Notice(kind=kind, facts=dict(facts), url=url))


def test_these_kinds_are_declared():
    assert set(KINDS) == DECLARED | OF_STAFF
    assert {name for name, kind in KINDS.items() if kind.for_staff} == OF_STAFF


@pytest.mark.parametrize("kind", sorted(DECLARED))
@pytest.mark.parametrize("side", ["expert", "traveler"])
def test_each_kind_names_the_other_or_speaks_of_the_reader(kind, side):
    words = said(kind, {"who": "Mei", "side": side, "city": "Lima"})
    assert words.title == " ".join(words.title.split())
    assert ("Mei" in words.title) is (kind.partition(".")[0] not in {"draft", "expert", "waitlist"})
    assert KINDS[kind].default == Delivery.NOW


@given(kind=st.sampled_from(sorted(KINDS)), facts=facts, zone=st.sampled_from(names()))
def test_odd_and_missing_facts_never_keep_a_notice_from_being_read(kind, facts, zone):
    for language in ("en", "en-gb", "de"):
        words = said(kind, facts, language, zone)
        assert 0 < len(words.title) <= 150
        assert "\n" not in words.title


@pytest.mark.parametrize("name", ["Eve\r\nBcc: all@example.com", "Eve\u2028Cc: x", "E" * 500])
def test_a_name_adds_no_line_to_a_subject(name):
    words = said("booking.confirmed", {"who": name})
    assert (len(words.title.splitlines()), len(words.title) <= 150) == (1, True)


def test_a_kind_that_was_taken_out_is_still_read():
    assert said("booking.teleported").title == "Something has changed"


def test_two_kinds_of_one_name_are_a_mistake():
    with pytest.raises(ImproperlyConfigured, match=r"booking\.confirmed"):
        register(Kind("booking.confirmed", "Again", "Bookings", lambda facts: said("x")))


def test_the_words_are_those_of_whoever_reads():
    request = {"who": "Rosa", "side": "expert", "until": "2027-04-03T09:00:00Z"}
    words = said("booking.requested", request, zone="Asia/Kathmandu")
    assert words.title == "Rosa would like to book you"
    assert words.details == [("Open until", "Sat, Apr 3, 2027, 2:45\u202fPM (Kathmandu time)")]
    assert words.text == "It is confirmed only when you say yes."
    asked = said("booking.requested", {"who": "Mei", "side": "traveler"})
    assert asked.title == "You asked Mei for a booking"
    assert asked.text == "It is confirmed only when the expert says yes."
    assert said("booking.requested", request, "de").details[0][1].startswith("Sa., 3. Apr. 2027, 09:00")


def when(start, end, zone, reader):
    with timezone.override(reader), translation.override("en-gb"):
        return Facts(start=start, end=end, zone=zone).when()


def test_both_clocks_are_named_where_they_differ():
    assert when("2027-07-01T22:00:00Z", "2027-07-02T01:00:00Z", "Asia/Calcutta", "America/New_York") == [
        ("When", "Fri, 2 Jul 2027, 03:30 – 06:30 (Kolkata time)"),
        ("On your clock", "Thu, 1 Jul 2027, 18:00 – 21:00 (New York time)"),
    ]


def test_one_clock_is_enough_where_they_agree():
    (told,) = when("2027-07-01T08:00:00Z", "2027-07-01T10:00:00Z", "Europe/Paris", "Europe/Berlin")
    assert told == ("When", "Thu, 1 Jul 2027, 10:00 – 12:00 (Paris time)")


def test_over_the_change_of_the_clocks_each_end_has_its_own_time():
    (told,) = when("2027-10-30T22:00:00Z", "2027-10-31T08:00:00Z", "Europe/Berlin", "Europe/Berlin")
    assert told[1] == "Sun, 31 Oct 2027, 00:00 – 09:00 (Berlin time)"


def test_whole_days_are_days_everywhere():
    told = "Thu, 1\u2009Jul –\u2009Sat, 3 Jul 2027 (Tokyo time)"
    assert when("2027-07-01", "2027-07-03", "Asia/Tokyo", "UTC") == [("When", told)]
