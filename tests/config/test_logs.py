"""What the log may hold, and the request id on its way into Celery."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django_structlog.middlewares import RequestMiddleware

from config import health
from config.celery import app
from config.local.paths import within
from config.logs import logging_config, mask_secrets
from tests.factories import make_user

seen: list[str] = []


@shared_task(name="tests.note_request_id")
def note_request_id() -> None:
    seen.append(structlog.contextvars.get_contextvars()["request_id"])


@pytest.fixture
def worker() -> Iterator[None]:
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=5):
        yield


def masked(**event: object) -> dict[str, object]:
    return dict(mask_secrets(None, "info", event))


def test_the_values_of_secret_keys_are_masked_at_any_depth():
    event = masked(
        password="hunter2", headers={"Cookie": "sessionid=1", "Accept": "*/*"}, user_id=7, tokens=900
    )
    assert event == {
        "password": "***",
        "headers": {"Cookie": "***", "Accept": "*/*"},
        "user_id": 7,
        "tokens": 900,
    }


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("GET /trips?from=lisbon&token=abc", "GET /trips?from=***&token=***"),
        ("redis://:hunter2@cache:6379/0 is away", "redis://:***@cache:6379/0 is away"),
        ("postgresql://me:hunter2@db/site", "postgresql://me:***@db/site"),
        ("POST /accounts/password/reset/key/3-c0ffee/", "POST /accounts/password/reset/key/***/"),
        ("GET /accounts/confirm-email/MTox/", "GET /accounts/confirm-email/***/"),
        ("redis://:p@ss/word@cache:6379/0 is away", "redis://:***@cache:6379/0 is away"),
        ("host=db user=me password=hunter2 dbname=x", "host=db user=me password=*** dbname=x"),
        ("Cookie: csrftoken=abc; sessionid=def", "Cookie: csrftoken=***; sessionid=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("Is this a question? Yes = no", "Is this a question? Yes = no"),
        ("http://localhost:8000/trips/ answers", "http://localhost:8000/trips/ answers"),
    ],
)
def test_secrets_in_texts_are_masked(text, safe):
    assert masked(event=text) == {"event": safe}


@pytest.mark.parametrize(
    "thing",
    [
        RequestFactory().get("/accounts/password/reset/key/3-hunter2/"),
        ConnectionError("redis://:hunter2@cache:6379/0"),
        {"redis://:hunter2@cache:6379/0"},
        [{"session_key": "hunter2"}],
        Path("/accounts/confirm-email/hunter2/"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_things_are_masked_as_they_are_written(thing):
    assert "hunter2" not in str(masked(thing=thing))


def test_numbers_stay_numbers():
    event = {"seconds": 0.2, "code": 200, "ok": True, "nothing": None}
    assert masked(**event) == event


def written(record: logging.LogRecord, *, json: bool) -> str:
    formatter = logging_config(json=json, level="INFO")["formatters"]["structured"].copy()
    return formatter.pop("()")(**formatter).format(record)


def test_production_writes_one_json_object_a_line():
    record = logging.LogRecord("shop", logging.WARNING, __file__, 1, "paid %s ?key=1", ("twice",), None)
    line = json.loads(written(record, json=True))
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "paid twice ?key=***", "level": "warning", "logger": "shop"}


def test_development_writes_a_short_line():
    record = logging.makeLogRecord(
        {"msg": "paid", "name": "shop", "levelname": "INFO", "request_id": "0a1b2c3d-4e5f"}
    )
    assert written(record, json=False)[9:] == "[info     ] paid request_id=0a1b2c3d"


def test_a_traceback_shows_no_local_variables():
    try:
        card = "4111" * 4
        raise ValueError(len(card))
    except ValueError as error:
        record = logging.LogRecord(
            "shop", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None)
        )
    text = written(record, json=True)
    assert "ValueError: 16" in text
    assert "4111" not in text


def lines(caplog) -> str:
    return "\n".join(written(record, json=json) for record in caplog.records for json in (True, False))


@pytest.mark.django_db
def test_no_line_tells_what_opens_an_account(client, caplog):
    """Whatever becomes of the request: answered, refused for its host or its missing token, or not found."""
    caplog.set_level(logging.DEBUG)
    checked = Client(enforce_csrf_checks=True)
    ways: list[tuple[Client, Any]] = [
        (client, {}),
        (client, {"headers": {"host": "evil.example"}}),
        (checked, {}),
    ]
    for sender, options in ways:
        sender.cookies["sessionid"] = "s" + "hunter2" * 5
        sender.get("/accounts/confirm-email/hunter2/", **options)
        sender.get("/accounts/password/reset/key/3-hunter2/?token=hunter2", **options)
        sender.post("/accounts/confirm-email/hunter2/", **options)
        sender.post(
            "/accounts/login/?next=/?key=hunter2", {"login": "a@b.de", "password": "hunter2"}, **options
        )
    assert "Invalid HTTP_HOST header" in lines(caplog)
    assert "hunter2" not in lines(caplog)


@pytest.mark.urls("tests.config.test_errors")
def test_a_failure_is_told_once_with_its_traceback_and_the_request(caplog):
    caplog.set_level(logging.INFO)
    Client(raise_request_exception=False).get("/fail/500?token=hunter2")
    failures = [record for record in caplog.records if "ZeroDivisionError" in written(record, json=True)]
    [line] = [json.loads(written(record, json=True)) for record in failures]
    assert (line["event"], line["code"], line["request"]) == (
        "request_failed",
        500,
        "GET /fail/500?token=***",
    )
    assert line["request_id"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/trips/", "/accounts/login/"])
def test_failures_are_told_while_the_database_is_away(client, caplog, monkeypatch, path):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server is away")

    client.force_login(make_user())
    client.raise_request_exception = False
    monkeypatch.setattr("django.db.backends.postgresql.base.DatabaseWrapper.create_cursor", away)
    response = client.get(path)
    [line] = [json.loads(written(record, json=True)) for record in caplog.records]
    assert (response.status_code, line["event"], line["level"]) == (500, "request_failed", "error")
    assert "the server is away" in line["exception"]


@pytest.mark.django_db
def test_a_line_names_the_user_the_page_asked_for(client, caplog):
    caplog.set_level(logging.INFO)
    client.get("/")
    user = make_user()
    client.force_login(user)
    client.get("/trips/")
    stranger, known = [json.loads(written(record, json=True)) for record in caplog.records]
    assert ("user_id" in stranger, known["user_id"]) == (False, user.pk)


@pytest.mark.django_db
def test_the_log_asks_the_database_nothing(client, django_assert_num_queries):
    client.force_login(make_user())
    with django_assert_num_queries(0):
        client.get("/nowhere")


def test_the_id_of_a_request_is_ours_and_not_the_visitors(client, caplog):
    caplog.set_level(logging.INFO)
    client.get("/nowhere", headers={"X-Request-ID": "x" * 500, "X-Correlation-ID": "forged"})
    line = json.loads(written(caplog.records[-1], json=True))
    assert len(line["request_id"]) == 36
    assert "forged" not in str(line)


def test_a_line_names_the_visitors_address_as_limits_see_it(client, caplog, settings):
    settings.TRUSTED_PROXIES = 1
    caplog.set_level(logging.INFO)
    client.get("/nowhere", headers={"X-Forwarded-For": "10.0.0.1, 203.0.113.9"})
    assert json.loads(written(caplog.records[-1], json=True))["ip"] == "203.0.113.9"


@pytest.mark.parametrize("path", ["/%0a[critical ] forged", "/nowhere?q=%0d%0aforged", "/\x1b[31mforged"])
def test_no_address_begins_a_line_of_its_own(client, caplog, path):
    caplog.set_level(logging.INFO)
    client.generic("GET", path)
    assert [line for line in lines(caplog).splitlines() if line.startswith(("[critical", "forged"))] == []
    assert "\x1b" not in lines(caplog)


def test_health_and_files_fill_no_log(client, caplog, monkeypatch):
    monkeypatch.setattr(health, "PROBES", {name: health.Probe(lambda: health.OK) for name in health.PROBES})
    caplog.set_level(logging.INFO)
    client.get("/api/health")
    client.get("/static/css/base.css")
    assert caplog.records == []


def test_the_request_id_follows_the_work_into_celery(worker):
    given: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        given.append(structlog.contextvars.get_contextvars()["request_id"])
        note_request_id.delay()
        return HttpResponse()

    seen.clear()
    RequestMiddleware(view)(RequestFactory().get("/"))
    assert within(30, lambda: bool(seen))
    assert seen == given
