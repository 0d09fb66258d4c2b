from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import AuditEvent
from accounts.notices.posting import send_notice_mail
from experts import services
from experts.models import Expert
from jobs.models import Job
from tests.factories import make_complete, make_expert, make_user
from tests.worker import run_jobs

Status = Expert.Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer():
    return with_role("Reviewer")


def with_role(role):
    user = make_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def make(status, **fields):
    return make_complete(make_expert(status=status, **fields))


def test_steps_are_the_moves_of_the_model():
    def moves_of(step):
        return {(start, step.to) for start in Status if step.is_open(Expert(status=start))}

    taken = [move for step in services.STEPS for move in moves_of(step)]
    assert sorted(set(taken)) == sorted((start, to) for start, ends in Expert.MOVES.items() for to in ends)


def test_approval_activates_and_is_noted(reviewer):
    expert = make(Status.SUBMITTED, active_since=None)
    approved = services.approve(expert=expert, by=reviewer)
    assert (approved.status, approved.active_since) == (Status.ACTIVE, timezone.localdate())
    event = audit.history(expert).get()
    assert (event.action, event.actor, event.detail) == (
        "expert.approve",
        reviewer,
        {"before": "submitted", "after": "active", "reason": ""},
    )


def test_return_keeps_the_reason_until_the_next_move(reviewer):
    expert = make(Status.SUBMITTED)
    returned = services.return_with_reason(expert=expert, by=reviewer, reason="Describe two walks.")
    assert (returned.status, returned.status_reason) == (Status.DRAFT, "Describe two walks.")
    assert services.submit(expert=expert, by=expert.user).status_reason == ""


@pytest.mark.parametrize(
    ("step", "start"),
    [(step, start) for step in services.STEPS for start in Status if not step.is_open(Expert(status=start))],
    ids=lambda value: getattr(value, "name", value),
)
def test_an_illegal_step_says_what_is_possible_and_changes_nothing(reviewer, step, start):
    expert = make(start)
    by = None if step.by_system else reviewer
    with pytest.raises(IllegalMove) as refusal:
        services.move(expert=expert, step=step, by=by, reason="Because.")
    possible = Expert.MOVES[start] - (set() if by is None else {Status.CLOSED})
    assert refusal.value.allowed == sorted(str(Status(status).label) for status in possible)
    expert.refresh_from_db()
    assert (expert.status, audit.history(expert).count()) == (start, 0)


@pytest.mark.parametrize("reason", ["", "  \n"])
@pytest.mark.parametrize(("step", "start"), [(services.RETURN, "submitted"), (services.SUSPEND, "active")])
def test_a_no_needs_a_reason(reviewer, step, start, reason):
    expert = make(start)
    with pytest.raises(DomainError, match="Say why"):
        services.move(expert=expert, step=step, by=reviewer, reason=reason)
    expert.refresh_from_db()
    assert expert.status == start


def test_the_first_activation_counts(reviewer):
    expert = make(Status.SUSPENDED, active_since=date(2024, 5, 1))
    assert services.reinstate(expert=expert, by=reviewer).active_since == date(2024, 5, 1)


def test_experts_pause_and_resume_themselves():
    expert = make(Status.ACTIVE)
    services.pause(expert=expert, by=expert.user)
    assert services.resume(expert=expert, by=expert.user).status == Status.ACTIVE


@pytest.mark.parametrize(
    ("step", "start"),
    [
        (services.APPROVE, "submitted"),
        (services.RETURN, "submitted"),
        (services.SUSPEND, "active"),
        (services.REINSTATE, "suspended"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_nobody_decides_about_themselves(reviewer, step, start):
    expert = make(start, user=reviewer)
    with pytest.raises(PermissionDenied):
        services.move(expert=expert, step=step, by=None if step.by_system else reviewer, reason="Because.")


@pytest.mark.parametrize("role", ["Analyst", "Operator"])
def test_only_reviewers_decide(role):
    with pytest.raises(PermissionDenied):
        services.approve(expert=make(Status.SUBMITTED), by=with_role(role))


def test_a_stranger_moves_nobody():
    with pytest.raises(PermissionDenied):
        services.pause(expert=make(Status.ACTIVE), by=make_user())


def test_a_decision_on_an_old_page_meets_the_row_as_it_is(reviewer):
    on_the_page = make(Status.SUBMITTED)
    services.return_with_reason(
        expert=Expert.objects.get(pk=on_the_page.pk), by=reviewer, reason="Too short."
    )
    with pytest.raises(IllegalMove):
        services.approve(expert=on_the_page, by=reviewer)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides(reviewer):
    expert = make(Status.SUBMITTED)

    def decide(step):
        try:
            return services.move(expert=expert, step=step, by=reviewer, reason="Too short.").status
        except IllegalMove:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        outcomes = set(threads.map(decide, [services.APPROVE, services.RETURN]))
    expert.refresh_from_db()
    assert outcomes == {None, expert.status}
    assert audit.history(expert).count() == 1


def test_the_expert_gets_the_reason_by_mail_once(reviewer):
    expert = make(Status.SUBMITTED, name="Mei Tanaka")
    services.return_with_reason(expert=expert, by=reviewer, reason="Describe <two> walks & “prices”.")
    job = Job.objects.get(kind=send_notice_mail.name)
    send_notice_mail.run(**job.args)
    send_notice_mail.run(**job.args)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([expert.user.email], "Your application needs a change")
    assert sent.body.startswith("Hello Mei Tanaka,\n")
    assert "Describe <two> walks & “prices”." in sent.body
    assert expert.get_absolute_url() not in sent.body


def test_an_approved_expert_gets_the_link_to_the_live_profile(reviewer):
    expert = make(Status.SUBMITTED)
    services.approve(expert=expert, by=reviewer)
    run_jobs()
    assert f"View profile: http://localhost:8000{expert.get_absolute_url()}" in mail.outbox[0].body


def test_what_experts_do_themselves_is_not_mailed_to_them():
    expert = make(Status.DRAFT)
    services.submit(expert=expert, by=expert.user)
    assert Job.objects.count() == 0


def test_a_refused_decision_leaves_neither_trail_nor_mail(reviewer):
    with pytest.raises(IllegalMove):
        services.approve(expert=make(Status.ACTIVE), by=reviewer)
    assert (Job.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_closing_is_nobodys_to_ask_for(reviewer):
    expert = make(Status.ACTIVE)
    for by in (reviewer, expert.user):
        with pytest.raises(PermissionDenied):
            services.move(expert=expert, step=services.CLOSE, by=by)
    assert services.close(expert=expert).status == Status.CLOSED
    assert not Job.objects.exists()
