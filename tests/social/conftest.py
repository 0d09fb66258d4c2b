from datetime import UTC, datetime

import pytest

from tests.admin.conftest import analyst, operator, plain_staff, reviewer  # noqa: F401  # fixtures
from tests.llm.conftest import one_route, provider  # noqa: F401  # fixtures
from tests.social.xserver import XServer


@pytest.fixture
def x(settings):
    """The X API on loopback, connected. Nobody waits longer than a test can."""
    with XServer() as running:
        settings.SOCIAL_SOURCE, settings.SOCIAL_X_TOKEN, settings.SOCIAL_X_URL = (
            "x",
            "token-of-x",
            running.url,
        )
        yield running


@pytest.fixture
def market(db):
    from tests.factories import make_market

    return make_market("Kyoto")


@pytest.fixture
def monitor(market):
    from social.models import Monitor

    return Monitor.objects.create(market=market, hashtags=["#Kyoto", "#VisitKyoto"], accounts=["kyoto_city"])


@pytest.fixture
def now():
    return datetime.now(UTC)
