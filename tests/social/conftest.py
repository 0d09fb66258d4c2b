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


ACCOUNT = {"key": "key-of-x", "key_secret": "s1", "access": "access-of-x", "access_secret": "s2"}


@pytest.fixture
def x_account(settings, x):
    """X with an account of ours, that can write to people."""
    settings.SOCIAL_X_ACCOUNT = ACCOUNT
    return x


@pytest.fixture
def manager(db):
    """The social media manager."""
    from tests.admin.conftest import in_role

    return in_role("Social media manager").user


@pytest.fixture
def always_day(db):
    """No quiet hours: the clock of the test machine is any."""
    from social.models import SocialSettings

    rules = SocialSettings.load()
    rules.quiet_from = rules.quiet_until = 0
    rules.save()
    return rules
