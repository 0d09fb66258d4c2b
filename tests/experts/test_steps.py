"""Each step of an expert's way: what it leaves behind, who hears of it, and what it means for travelers."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from experts import notices, services
from experts.models import Expert
from jobs.models import Job
from tests.factories import make_complete, make_expert, make_market, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

Status = Expert.Status
MOVES = [(step, start) for step in services.STEPS for start in Status if step.is_open(Expert(status=start))]
LEGAL = [
    pytest.param(step, start, id=f"{step.name} from {start}") for step, start in MOVES if not step.by_system
]
OWN = [pytest.param(step, start, id=step.name) for step, start in MOVES if step.by_expert]
SUBJECTS = {
    "submit": "Your application is with our reviewers",
    "approve": "Welcome: your profile is live",
    "return": "Your application needs a change",
    "pause": "Your profile is paused",
    "resume": "Your profile is live again",
    "reopen": "Your profile is live again",
    "suspend": "Your profile is suspended",
    "reinstate": "Your profile is live again",
}


@pytest.fixture
def reviewer():
    user = make_user("Rita Reviewer", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewer"))
    return user


def take(step, start, by=None, **fields):
    """The step, by a reviewer or by the expert."""
    expert = make_complete(make_expert(status=start, **fields))
    services.move(expert=expert, step=step, by=by or expert.user, reason="Because <so>.")
    expert.refresh_from_db()
    return expert


@pytest.mark.parametrize(("step", "start"), LEGAL)
def test_a_step_is_taken_noted_and_mailed(reviewer, step, start):
    expert = take(step, start, by=reviewer)
    assert (expert.status, expert.status_reason) == (step.to, "Because <so>.")
    (event,) = audit.history(expert)
    assert (event.action, event.actor) == (f"expert.{step.name}", reviewer)
    assert event.detail == {"before": start, "after": step.to, "reason": "Because <so>."}
    run_jobs()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([expert.user.email], SUBJECTS[step.name])
    assert "Because <so>." in sent.body
    assert (expert.get_absolute_url() in sent.body) == (step.to in {Status.ACTIVE, Status.PAUSED})


@pytest.mark.parametrize(("step", "start"), OWN)
def test_what_experts_do_themselves_is_noted_and_not_mailed(step, start):
    expert = take(step, start)
    assert [(event.action, event.actor) for event in audit.history(expert)] == [
        (f"expert.{step.name}", expert.user)
    ]
    assert not Job.objects.exists()


@pytest.mark.parametrize(("step", "start"), OWN)
def test_a_step_of_the_experts_own_is_not_anybody_elses(step, start):
    for other in (make_user(), make_expert().user):
        with pytest.raises(PermissionDenied):
            take(step, start, by=other)
    assert not AuditEvent.objects.exists()


def test_every_step_has_its_mail():
    told = {step.name for step in services.STEPS} - {services.CLOSE.name}  # its account is gone
    assert set(notices.MOVES) == {f"expert.{name}" for name in told}
    assert set(SUBJECTS) == told


@pytest.mark.parametrize(("step", "start"), LEGAL)
def test_the_mail_is_german_for_who_reads_german(reviewer, step, start):
    take(step, start, by=reviewer, user=make_user("Mei Tanaka", language="de"))
    run_jobs()
    (sent,) = mail.outbox
    assert sent.body.startswith("Hallo Mei Tanaka,\n")
    assert "Der Grund:\n\nBecause <so>." in sent.body
    assert sent.subject not in SUBJECTS.values()
    assert "profile" not in f"{sent.subject}\n{sent.body}"


def test_an_account_deleted_before_the_mail_went_out_is_no_failure(reviewer):
    take(services.SUSPEND, Status.ACTIVE, by=reviewer).user.delete()
    run_jobs()
    assert ([job.state for job in Job.objects.all()], mail.outbox) == (["done"], [])


@pytest.mark.parametrize(("step", "start"), LEGAL)
def test_the_first_activation_is_dated_and_no_other_step(reviewer, step, start):
    expert = take(step, start, by=reviewer, active_since=None)
    assert expert.active_since == (timezone.localdate() if step.to == Status.ACTIVE else None)
    known = timezone.localdate() - timedelta(days=9)
    assert take(step, start, by=reviewer, active_since=known).active_since == known


def test_a_reviewer_whose_account_is_closed_decides_nothing(reviewer):
    reviewer.is_active = False
    with pytest.raises(PermissionDenied):
        take(services.APPROVE, Status.SUBMITTED, by=reviewer)


def test_a_step_changes_nothing_else_of_the_row(reviewer):
    """A profile edited since the page was opened keeps the edit."""
    expert = make_expert(status=Status.SUBMITTED)
    Expert.objects.filter(pk=expert.pk).update(headline="Edited meanwhile")
    services.approve(expert=expert, by=reviewer)
    expert.refresh_from_db()
    assert (expert.headline, expert.status) == ("Edited meanwhile", Status.ACTIVE)


@pytest.mark.parametrize("accepting", [True, False])
@pytest.mark.parametrize(
    ("status", "public", "matched"),
    [
        (Status.DRAFT, False, False),
        (Status.SUBMITTED, False, False),
        (Status.ACTIVE, True, True),
        (Status.PAUSED, True, False),
        (Status.SUSPENDED, False, False),
    ],
)
def test_what_a_status_means_for_travelers(client, status, accepting, public, matched):
    expert = make_expert(status=status, accepting_clients=accepting)
    assert Expert.objects.public().exists() is public
    assert Expert.objects.candidates(expert.market).exists() is (matched and accepting)
    assert Expert.objects.open_to_inquiries().exists() is (matched and accepting)
    client.force_login(make_user())
    urls = [expert.get_absolute_url(), f"{expert.get_absolute_url()}inquire/"]
    profile, inquiry = [client.get(url) for url in urls]
    assert [profile.status_code, inquiry.status_code] == [200 if public else 404] * 2
    assert ("Send the inquiry" in inquiry.content.decode()) is (matched and accepting)


def test_an_expert_is_a_candidate_at_home_alone():
    expert, elsewhere = make_expert(), make_market("Lisbon")
    assert list(Expert.objects.candidates(expert.market)) == [expert]
    assert list(Expert.objects.candidates(elsewhere)) == []


def waiting(expert):
    found: Any = services.with_waiting(Expert.objects.all()).get(pk=expert.pk)
    return found.waiting_since


def submitted_at(expert, days_ago):
    services.submit(expert=expert, by=expert.user)
    event = audit.history(expert).latest("id")
    AuditEvent.objects.filter(pk=event.pk).update(at=timezone.now() - timedelta(days=days_ago))


def test_waiting_counts_from_the_last_time_an_application_was_handed_in(reviewer):
    expert = make_complete(make_expert(status=Status.DRAFT))
    submitted_at(expert, days_ago=30)
    services.return_with_reason(expert=expert, by=reviewer, reason="Too short.")
    assert waiting(expert) is None
    submitted_at(expert, days_ago=2)
    assert (timezone.now() - waiting(expert)).days == 2


def test_an_application_without_a_trail_waits_since_it_was_made():
    expert = make_expert(status=Status.SUBMITTED)
    assert waiting(expert) == expert.created_at


@pytest.mark.parametrize(("count", "total", "rating"), [(0, 0, None), (1, 4, 4.0), (3, 13, 13 / 3)])
def test_the_rating_is_the_mean_and_of_no_reviews_there_is_none(count, total, rating):
    assert Expert(review_count=count, rating_sum=total).rating == rating
