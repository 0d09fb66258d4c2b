"""A pause that ends on the day the expert named, by the clock of their city."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import AuditEvent
from experts import services, tasks
from experts.models import Expert
from tests.factories import make_expert, make_market, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert(client):
    expert = make_expert(make_market(time_zone="Pacific/Auckland"))
    client.force_login(expert.user)
    return expert


def day(days):
    return services.today_of(Expert.objects.select_related("market").get()) + timedelta(days=days)


def at(monkeypatch, moment, zone):
    now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_the_day_of_return_is_shown_and_kept(client, expert):
    until = day(10)
    client.post(reverse("experts:pause"), {"until": until.isoformat()})
    expert.refresh_from_db()
    assert (expert.status, expert.paused_until) == ("paused", until)
    assert "Takes no new clients until" in client.get(expert.get_absolute_url()).content.decode()
    client.post(reverse("experts:resume"))
    expert.refresh_from_db()
    assert (expert.status, expert.paused_until) == ("active", None)


@pytest.mark.parametrize("until", [20, None])
def test_the_day_of_return_changes_without_opening_in_between(client, expert, until):
    client.post(reverse("experts:pause"), {"until": day(10).isoformat()})
    assert day(10).isoformat() in client.get(reverse("experts:pause")).content.decode()
    wanted = day(until) if until else None
    client.post(reverse("experts:pause"), {"until": wanted.isoformat() if wanted else ""})
    expert.refresh_from_db()
    assert (expert.status, expert.paused_until) == ("paused", wanted)
    assert not AuditEvent.objects.filter(action="expert.resume").exists()


def test_another_day_that_makes_no_sense_is_refused_and_the_first_stays(client, expert):
    client.post(reverse("experts:pause"), {"until": day(10).isoformat()})
    page = client.post(reverse("experts:pause"), {"until": day(0).isoformat()}).content.decode()
    assert "The day of your return must be after today." in page
    expert.refresh_from_db()
    assert expert.paused_until == day(10)


def test_only_a_paused_profile_has_a_day_of_return_and_only_its_own_expert_names_it(expert):
    with pytest.raises(DomainError, match="not paused any more"):
        services.change_return(expert=expert, by=expert.user, until=None)
    services.pause(expert=expert, by=expert.user)
    with pytest.raises(PermissionDenied):
        services.change_return(expert=expert, by=make_user(), until=None)


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_day_that_makes_no_sense_is_refused(client, expert, days):
    page = client.post(reverse("experts:pause"), {"until": day(days).isoformat()}).content.decode()
    assert "The day of your return must be after today." in page or "lasts a year at most" in page
    expert.refresh_from_db()
    assert expert.status == "active"


def test_a_pause_may_have_no_end(client, expert):
    client.post(reverse("experts:pause"), {"until": ""})
    assert services.reopen_due() == 0
    expert.refresh_from_db()
    assert (expert.status, expert.paused_until) == ("paused", None)


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Pacific/Auckland", "2027-05-01T23:59", "2027-05-02T00:00"),
        ("Pacific/Kiritimati", "2027-05-01T23:59", "2027-05-02T00:00"),
        ("Asia/Kathmandu", "2027-05-01T23:59", "2027-05-02T00:00"),
        ("Pacific/Pago_Pago", "2027-05-01T23:59", "2027-05-02T00:00"),
        ("Asia/Calcutta", "2027-05-01T23:59", "2027-05-02T00:00"),
    ],
)
def test_it_opens_when_the_day_begins_in_the_city(monkeypatch, zone, before, after):
    expert = make_expert(make_market(time_zone=zone), status="paused", paused_until=date(2027, 5, 2))
    opened = []
    for moment in (before, after):
        at(monkeypatch, moment, zone)
        services.reopen_due()
        expert.refresh_from_db()
        opened.append(expert.status)
    assert opened == ["paused", "active"]


def test_the_expert_is_told_once_that_the_profile_is_open(expert):
    services.pause(expert=expert, by=expert.user, until=day(1))
    Expert.objects.update(paused_until=day(0))
    for _ in range(2):
        tasks.ask_to_reopen()
        run_jobs()
    (sent,) = mail.outbox
    assert (sent.to, "The day you named has come" in sent.body) == ([expert.user.email], True)


def test_one_who_was_suspended_meanwhile_stays_so(expert):
    services.pause(expert=expert, by=expert.user, until=day(1))
    services.suspend(expert=expert, by=make_user(is_superuser=True), reason="Complaints.")
    assert services.reopen_due() == 0
    expert.refresh_from_db()
    assert (expert.status, expert.paused_until) == ("suspended", None)


def test_a_person_cannot_take_the_step_of_time(expert):
    with pytest.raises(DomainError):
        services.pause(expert=expert, by=expert.user, until=day(0))
    assert services.REOPEN.is_allowed(expert, expert.user) is False
    assert services.RESUME.is_allowed(expert, None) is False
