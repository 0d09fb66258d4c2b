"""What `make run` does to a database before the site opens."""

import pytest

from config.local import prepare
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
