import pytest

KYOTO = "Asia/Tokyo"


@pytest.fixture
def expert():
    """In Kyoto, nine hours ahead of UTC all year."""
    from tests.factories import make_expert, make_market  # Django is set up by now

    return make_expert(make_market("Kyoto", time_zone=KYOTO), name="Mei Tanaka")


@pytest.fixture
def take(monkeypatch):
    """Marks a period of an expert as booked, as a higher floor would."""
    from experts.calendar import availability

    taken: list[availability.Taken] = []

    def provider(expert_ids, start, end):
        return [row for row in taken if row[0] in expert_ids and row[1] < end and row[2] > start]

    monkeypatch.setattr(availability, "occupied", [provider])

    def add(expert, start, end, label="Rosa, temple walk", **more):
        taken.append(availability.Taken(expert.pk, start, end, label, **more))

    return add


@pytest.fixture
def imported(expert):
    """Puts busy times into a calendar that the expert imported."""
    source = expert.calendar_sources.create(name="Private", content="x", fingerprint="x", state="read")

    def add(start, end, title="Dentist"):
        return source.events.create(start=start, end=end, title=title)

    return add
