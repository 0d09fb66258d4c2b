import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import hypothesis
import pytest
import pytest_django
import redis
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation

from tests import services
from tests.threads import alone

# Machines are noisy: how long an example takes says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

REDIS = pytest.StashKey[redis.Redis]()


def pytest_configure(config: pytest.Config) -> None:
    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the settings are read once the servers run.")
    stack = ExitStack()
    config.add_cleanup(stack.close)
    config.stash[REDIS] = services.start(stack)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    settings.MATCHING_EXPLORATION = (
        0  # lists stand in the order of their scores, but where a test says otherwise
    )
    settings.DATABASES["default"]["ENGINE"] = "tests.engine"
    settings.STORAGES["private"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.MEDIA_ROOT = stack.enter_context(TemporaryDirectory())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Read by now. The processes of pytest-xdist would take it as an order to read them at once.
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit empty all tables. They run last, and each finds what the migrations had filled in."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if _commits(item):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)
    items.sort(key=_commits)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        return True
    return not {"live_server", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def clean_slate(request: pytest.FixtureRequest) -> Iterator[None]:
    """Limits, caches and queues start empty, and the language is nobody's yet."""
    from accounts import fragments  # the settings are read by now

    fragments.forget_all()
    translation.deactivate()
    log_config = structlog.get_config()
    yield
    structlog.configure(
        **log_config
    )  # reading settings again makes another one, deaf to whoever captures logs
    request.config.stash[REDIS].flushall()


@pytest.fixture(autouse=True)
def no_session_left(
    request: pytest.FixtureRequest, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """A thread that keeps its connection keeps the database from being taken away at the end of all tests."""
    yield
    if _commits(request.node):
        with django_db_blocker.unblock():
            assert alone(), "This test leaves a session of the database behind: see tests/threads.py."


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """What an authenticator app shows. Its clock and the site's stand still: no code runs out between two steps."""
    from allauth.mfa.totp.internal import auth

    now = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))

    def code(secret: str) -> str:
        (counter,) = auth.yield_hotp_counters_from_time()
        return auth.format_hotp_value(auth.hotp_value(secret, counter))

    return code


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> Iterator[None]:
    """The database, also where no test is marked: that of pytest-django counts the marks."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """For fixtures that make rows once, because every test of the module needs the same: they stay until its end.

    Its tests take `undone` instead of `db`.
    """
    with django_db_blocker.unblock(), _rolled_back():
        yield


@pytest.fixture
def undone(module_db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """What this test does to the rows of its module, no other sees."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        raise pytest.UsageError("`db` closes the connection that holds the rows of this module.")
    with _rolled_back():
        yield


@contextmanager
def _rolled_back() -> Iterator[None]:
    atomic = transaction.atomic()
    # As Django's TestCase does it: what is durable may begin within.
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        if not connection.needs_rollback:
            connection.check_constraints()  # those that are looked at when a transaction ends
        transaction.set_rollback(True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran, missed = _browser_tests(terminalreporter)
    if ran or missed:
        told = f"{missed} NOT RUN (no Chromium found)" if missed else f"{ran} ran"
        terminalreporter.write_line(f"browser tests: {told}", bold=True, red=bool(missed), green=not missed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """REQUIRE_BROWSER=1 is for CI: green without the browser tests would mean too little there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("REQUIRE_BROWSER") == "1" and reporter and not hasattr(session.config, "workerinput"):
        ran, missed = _browser_tests(reporter)
        if missed or not ran:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _browser_tests(reporter: pytest.TerminalReporter) -> tuple[int, int]:
    """How many ran, and how many were left out."""
    reports = {outcome: reporter.stats.get(outcome, []) for outcome in ("passed", "failed", "skipped")}
    count = {
        outcome: sum("browser" in report.keywords and report.when != "teardown" for report in found)
        for outcome, found in reports.items()
    }
    return count["passed"] + count["failed"], count["skipped"]
