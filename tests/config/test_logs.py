"""What the log may hold, and the request id on its way into Celery."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.middlewares import RequestMiddleware

from config.celery import app
from config.local.paths import within
from config.logs import logging_config, mask_secrets

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
        ("Is this a question? Yes = no", "Is this a question? Yes = no"),
    ],
)
def test_secrets_in_texts_are_masked(text, safe):
    assert masked(event=text) == {"event": safe}


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


def test_the_request_id_follows_the_work_into_celery(worker):
    given: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        given.append(structlog.contextvars.get_contextvars()["request_id"])
        note_request_id.delay()
        return HttpResponse()

    seen.clear()
    RequestMiddleware(view)(RequestFactory().get("/"))
    assert within(10, lambda: bool(seen))
    assert seen == given
