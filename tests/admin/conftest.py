"""The cast: a superuser, one staff member of each role, staff without a role, and an outsider. Each is signed in."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.llm.conftest import one_route, provider  # noqa: F401  # fixtures

if TYPE_CHECKING:
    from accounts.models import User


class SignedIn(Client):
    user: "User"


def signed_in(**fields):
    from tests.factories import make_user  # pytest reads this file before Django is set up

    client = SignedIn()
    client.user = make_user(**fields)
    client.force_login(client.user)
    return client


def in_role(name):
    from django.contrib.auth.models import Group

    client = signed_in(name=name, is_staff=True)
    client.user.groups.add(Group.objects.get(name=name))
    return client


@pytest.fixture
def root(db):
    return signed_in(name="Root", is_staff=True, is_superuser=True)


@pytest.fixture
def reviewer(db):
    return in_role("Reviewer")


@pytest.fixture
def operator(db):
    return in_role("Operator")


@pytest.fixture
def analyst(db):
    return in_role("Analyst")


@pytest.fixture
def plain_staff(db):
    return signed_in(is_staff=True)


@pytest.fixture
def outsider(db):
    return signed_in()
