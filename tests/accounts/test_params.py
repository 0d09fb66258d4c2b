import pytest
from django.core.exceptions import ValidationError

from accounts.models import validate_time_zone
from accounts.params import row_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("٣", 3), ("9" * 18, 10**18 - 1), ("0", 0)],
)
def test_a_number_names_a_row(text, number):
    assert row_number(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-7", "+7", "7.0", "1e3", "²", "½", "x", "\0", "9" * 19, "1_000"])
def test_what_no_row_can_have_names_none(text):
    assert row_number(text) is None


@pytest.mark.parametrize("name", ["Asia/Calcutta", "Europe/Kiev", "UTC", "America/Argentina/Buenos_Aires"])
def test_old_and_new_names_of_time_zones_are_taken(name):
    validate_time_zone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "America/Argentina", "../etc/passwd", "/etc/passwd", "Mars/Base", "UTC\n", "zone.tab"],
)
def test_what_is_no_time_zone_is_named(name):
    with pytest.raises(ValidationError, match="not a time zone"):
        validate_time_zone(name)
