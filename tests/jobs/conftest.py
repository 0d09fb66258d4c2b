import pytest


@pytest.fixture(autouse=True)
def rested_broker(monkeypatch):
    monkeypatch.setattr("jobs.broker._resting_until", 0.0)


@pytest.fixture
def body():
    """Give a sample task a body: `body("name", function)`."""
    from tests.jobs.samples import deeds

    yield deeds.__setitem__
    deeds.clear()
