"""gunicorn.conf.py, which the web server reads before Django does."""

import json
import logging
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.local.paths import BASE_DIR


@pytest.fixture
def read(monkeypatch):
    def read_under(**environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(BASE_DIR / "gunicorn.conf.py"))

    return read_under


def test_threads_are_those_that_the_spare_one_is_counted_from(read, monkeypatch):
    monkeypatch.delenv("WEB_THREADS", raising=False)
    assert read()["threads"] == runpy.run_path(str(BASE_DIR / "config/settings.py"))["WEB_THREADS"]
    assert read(WEB_THREADS="7", WEB_WORKERS="3")["threads"] == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [("WEB_THREADS", "1"), ("WEB_WORKERS", "0"), ("LOG_LEVEL", "loud"), ("TRAVELOURE_ENV", "x")],
)
def test_a_wrong_value_is_named(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"^{name}="):
        read(**{name: value})


@pytest.mark.parametrize(("environment", "is_json"), [("production", True), ("development", False)])
def test_it_logs_as_the_site_does(read, environment, is_json):
    config = read(TRAVELOURE_ENV=environment, LOG_LEVEL="debug")["logconfig_dict"]
    formatter = config["formatters"]["structured"].copy()
    record = logging.LogRecord("gunicorn.error", logging.INFO, __file__, 1, "Booting %s", ("7",), None)
    line = formatter.pop("()")(**formatter).format(record)
    assert ("Booting 7" in line, line.startswith("{")) == (True, is_json)
    assert config["root"]["level"] == "DEBUG"
    if is_json:
        assert json.loads(line)["logger"] == "gunicorn.error"
