"""Notices that were read go after a year, in batches, and nothing else goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notice
from accounts.notices import old
from accounts.tasks import ask_to_forget_notices
from tests.factories import make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

NOW = timezone.now


@pytest.fixture
def user():
    return make_user()


def told(user, *, days, read):
    return Notice.objects.create(
        user=user,
        kind="inquiry.message",
        key=f"key-{Notice.objects.count()}-{days}",
        delivery="site",
        created_at=NOW() - timedelta(days=days),
        read_at=NOW() if read else None,
    )


def test_only_what_was_read_and_is_older_than_a_year_goes(user):
    told(user, days=366, read=True)
    kept = [told(user, days=364, read=True), told(user, days=800, read=False)]
    ask_to_forget_notices()
    run_jobs()
    assert list(Notice.objects.order_by("-created_at")) == kept


def test_many_go_in_several_batches(user, monkeypatch):
    monkeypatch.setattr(old, "AT_ONCE", 2)
    for days in range(400, 405):
        told(user, days=days, read=True)
    assert old.forget() == 5
    assert not Notice.objects.exists()


def test_one_night_has_its_measure_and_the_next_takes_the_rest(user, monkeypatch):
    monkeypatch.setattr(old, "AT_ONCE", 1)
    monkeypatch.setattr(old, "MOST_BATCHES", 2)
    for days in range(400, 403):
        told(user, days=days, read=True)
    assert (old.forget(), old.forget()) == (2, 1)
