"""What `make run` does to a database before the site opens."""

import pytest
import redis
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.local import prepare, redis_server, services
from config.local.paths import ServiceError
from tests.factories import make_market, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def commands(monkeypatch):
    called = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: called.append(name))
    return called


def test_an_empty_database_gets_cities_and_the_demo(commands):
    prepare.fill()
    assert commands == ["load_cities", "load_demo"]


def test_a_database_in_use_is_left_alone(commands):
    make_market()
    make_user()
    prepare.fill()
    assert commands == []


def test_production_gets_no_demo(commands, settings):
    settings.PRODUCTION = True
    prepare.fill()
    assert commands == ["load_cities"]


def test_a_migrated_database_is_not_migrated_again():
    assert not prepare.has_unapplied_migrations()


def test_a_database_of_another_version_is_told_in_one_sentence():
    prepare.check_version()
    recorder = MigrationRecorder(connection)
    recorder.record_applied("auth", "0099_of_a_library")
    prepare.check_version()
    recorder.record_applied("bookings", "0099_of_tomorrow")
    with pytest.raises(ServiceError, match=r"it has bookings\.0099_of_tomorrow.*make clean"):
        prepare.check_version()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://me:hunter2@db.example:5432/site", "db.example:5432"),
        ("postgresql://me:hunt@er2@db.example/site", "db.example"),
        ("redis://:hunter2@cache/0", "cache"),
        ("unix:///run/redis.sock?password=hunter2", "/run/redis.sock"),
    ],
)
def test_a_server_that_is_away_is_named_without_its_password(url, place):
    assert prepare._place(url) == place


def test_a_redis_that_wants_another_password_is_told_in_one_sentence(settings):
    with services.throwaway([redis_server]) as local:
        redis.Redis.from_url(local.redis_url).config_set("requirepass", "secret")
        settings.REDIS_URL = local.redis_url + "?password=hunter2"
        with pytest.raises(ServiceError, match=r"^REDIS_URL: no Redis at /.+redis\.sock") as caught:
            prepare.check_redis()
        redis.Redis.from_url(local.redis_url, password="secret").config_set("requirepass", "")
    assert "hunter2" not in str(caught.value)
