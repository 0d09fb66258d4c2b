"""Calendars from elsewhere, from the click to the busy times and back to nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import DomainError
from accounts.models import AuditEvent
from experts import tasks
from experts.calendar import closed_because, fetching, sources
from experts.calendar.models import CalendarSource
from experts.calendar.troubles import Trouble, Unreadable
from jobs.models import Job
from tests.experts.calendar.cases import HOUR
from tests.factories import make_expert
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

URL = "https://calendar.example/secret.ics"
DAY = timedelta(days=1)


def soon(days=10, hour=10):
    return datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)


def ics(*starts, more=""):
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\n"
        f"SUMMARY:Dentist\r\n{more}END:VEVENT\r\n"
        for number, start in enumerate(starts)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"


@pytest.fixture
def web(monkeypatch):
    """What the address answers: text, or a Trouble."""
    answers: dict[str, str | Trouble] = {}

    def fetch(url):
        answer = answers[url]
        if isinstance(answer, Trouble):
            raise Unreadable(answer)
        return answer.encode()

    monkeypatch.setattr(fetching, "fetch", fetch)
    return answers


def add(expert, **given):
    source = sources.add(expert=expert, by=expert.user, name="Private", **given)
    run_jobs()
    source.refresh_from_db()
    return source


def again(source):
    sources.read_now(source=source)
    run_jobs()
    source.refresh_from_db()


def starts(expert):
    return sorted(CalendarSource.objects.filter(expert=expert).values_list("events__start", flat=True))


def test_a_file_closes_the_times_that_are_busy_in_it(expert):
    source = add(expert, content=ics(soon()))
    assert (source.state, source.trouble, source.left_out) == ("read", "", 0)
    reason = closed_because(expert, soon(), soon() + HOUR)
    assert reason
    assert (reason.kind, reason.detail, reason.source) == ("busy", "Dentist", "Private")


def test_an_event_that_is_gone_frees_its_time(expert, web):
    web[URL] = ics(soon(10), soon(11))
    source = add(expert, url=URL)
    web[URL] = ics(soon(11))
    again(source)
    assert starts(expert) == [soon(11)]
    assert closed_because(expert, soon(10), soon(10) + HOUR) is None


def test_a_calendar_that_is_removed_frees_all_its_times(expert, web):
    web[URL] = ics(soon(10), soon(11))
    source = add(expert, url=URL)
    sources.remove(expert=expert, by=expert.user, source=source)
    assert starts(expert) == []
    assert closed_because(expert, soon(10), soon(10) + HOUR) is None


@pytest.mark.parametrize("trouble", [Trouble.UNREACHABLE, Trouble.PRIVATE, Trouble.TOO_BIG])
def test_while_an_address_cannot_be_read_what_was_read_still_counts(expert, web, trouble):
    web[URL] = ics(soon())
    source = add(expert, url=URL)
    web[URL] = trouble
    again(source)
    assert (source.state, source.trouble) == ("failed", trouble)
    assert starts(expert) == [soon()]
    web[URL] = ics(soon())
    again(source)
    assert (source.state, source.trouble) == ("read", "")


def test_what_is_no_calendar_any_more_frees_nothing(expert, web):
    web[URL] = ics(soon())
    source = add(expert, url=URL)
    web[URL] = "<html>Sign in first</html>"
    again(source)
    assert source.trouble == Trouble.NO_CALENDAR
    assert starts(expert) == [soon()]


def test_the_same_calendar_twice_is_one(expert, web):
    web[URL] = ics(soon())
    assert add(expert, url=URL) == add(expert, url=URL)
    assert Job.objects.filter(kind=tasks.read_calendar.name).count() == 1
    assert AuditEvent.objects.filter(action="calendar.import").count() == 1


def test_two_experts_may_share_one(expert, web):
    web[URL] = ics(soon())
    other = make_expert(expert.market)
    assert add(expert, url=URL) != add(other, url=URL)
    assert starts(other) == [soon()]


def test_an_address_that_nobody_could_read_is_refused_at_once(expert):
    with pytest.raises(DomainError, match="https://"):
        add(expert, url="ftp://calendar.example/")
    assert not CalendarSource.objects.exists()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "nas.local",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["https", "webcal"])
def test_so_is_one_that_leads_nowhere_public(expert, scheme, host):
    with pytest.raises(DomainError, match="does not lead to the public internet"):
        sources.add(expert=expert, by=expert.user, name="Mine", url=f"{scheme}://{host}/a.ics")
    assert not expert.calendar_sources.exists()


def test_there_is_an_end_to_calendars(expert, monkeypatch):
    monkeypatch.setattr(sources, "MOST_SOURCES", 1)
    add(expert, content=ics(soon(10)))
    with pytest.raises(DomainError, match="Remove one first"):
        add(expert, content=ics(soon(11)))


def test_beat_reads_again_what_is_due_and_nothing_else(expert, web, django_capture_on_commit_callbacks):
    web[URL] = ics(soon())
    source = add(expert, url=URL)
    assert sources.ask_for_due() == 0
    CalendarSource.objects.update(read_next_at=datetime.now(UTC) - HOUR)
    web[URL] = ics(soon(12))
    for _ in range(2):  # two beats, one job
        tasks.ask_for_calendars()
    assert run_jobs() == 1
    assert starts(expert) == [soon(12)]
    source.refresh_from_db()
    assert source.read_next_at > datetime.now(UTC) + HOUR


def test_a_calendar_that_was_removed_while_it_was_read_stays_removed(expert, web, monkeypatch):
    web[URL] = ics(soon())
    source = sources.add(expert=expert, by=expert.user, name="Private", url=URL)
    found = sources.read(source, now=datetime.now(UTC))
    source.delete()
    sources.store(source.pk or 0, found, now=datetime.now(UTC))
    run_jobs()
    assert starts(expert) == []


def test_a_worker_that_dies_over_a_calendar_leaves_word(expert, monkeypatch):
    source = sources.add(expert=expert, by=expert.user, name="Private", content=ics(soon()))
    tasks.give_up_calendar(source_id=source.pk)
    source.refresh_from_db()
    assert (source.state, source.trouble) == ("failed", "no_calendar")


def test_a_feed_that_repeats_for_ever_is_read_a_year_ahead_and_on_as_time_passes(expert):
    source = add(expert, content=ics(soon(0), more="RRULE:FREQ=WEEKLY\r\n"))
    assert max(starts(expert)) > soon(420)
    later = sources.read(source, now=datetime.now(UTC) + 100 * DAY)
    assert later.busy[-1].start > soon(520)
