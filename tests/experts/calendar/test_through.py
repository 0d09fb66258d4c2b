"""Whatever takes all of some days is asked for, and judged by the clock of whoever is taken."""

from datetime import date, timedelta
from zoneinfo import available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from experts.calendar import through
from experts.calendar.clock import instant, zone_of

SECOND = timedelta(seconds=1)
ZONES = ["Pacific/Kiritimati", "Etc/GMT+12", "America/Havana", "Africa/Cairo", "Asia/Calcutta"]
zones = st.sampled_from([*ZONES, *sorted(available_timezones())])
few = st.integers(1, 20)
less = st.sampled_from([timedelta(0), SECOND, timedelta(hours=5), timedelta(days=2)])


@given(zones, st.dates(date(2026, 1, 1), date(2030, 1, 1)), few, less, less)
@example("Pacific/Kiritimati", date(2027, 1, 1), 1, timedelta(0), timedelta(0))
@example("Etc/GMT+12", date(2027, 1, 1), 1, timedelta(0), timedelta(0))
@example("America/Havana", date(2026, 11, 1), 1, timedelta(0), timedelta(0))
def test_who_is_taken_through_all_of_the_days_is_found_in_every_zone(name, first, days, early, late):
    zone, last = zone_of(name), first + timedelta(days=days - 1)
    start, end = instant(first, 0, zone), instant(last + timedelta(days=1), 0, zone)
    asked = through.params(first, last)

    def found(start, end):
        is_met = start < asked["met"].upper and end > asked["met"].lower and end - start >= asked["least"]
        row = (7, start.timestamp(), end.timestamp(), name)
        return is_met and through.taken([row], first, last) == {7}

    assert found(start - early, end + late)
    assert not found(start + SECOND, end + late)
    assert not found(start - early, end - SECOND)
