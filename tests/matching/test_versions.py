"""Versions come into use through gates, by a person with a reason, and go back in one step."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import DomainError, IllegalMove
from accounts.models import AuditEvent
from matching import fitting, versions
from matching.learning.gates import Code
from matching.models import AlgorithmVersion
from tests.factories import make_run, make_user
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
Status = AlgorithmVersion.Status


@pytest.fixture
def operator():
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Operator"))
    return user


def fit(failed=(), **fields):
    gates = [
        {"code": code.value, "value": 1, "bound": 1, "passed": code not in failed, "off": 0} for code in Code
    ]
    return {"state": "done", "at": timezone.now().isoformat(), "base": "2026.11", "gates": gates} | fields


def make_version(status=Status.SHADOW, name="2026.12-1", **fields):
    weights = dict(zip(AlgorithmVersion.WEIGHTS, (300, 250, 150, 150, 150), strict=True))
    return AlgorithmVersion.objects.create(
        **{"name": name, "status": status, "reason": "Learned.", "fit": fit()} | weights | fields
    )


def statuses():
    return dict(AlgorithmVersion.objects.values_list("name", "status"))


def test_activating_retires_the_one_before_and_both_are_on_record(operator):
    versions.activate(version=make_version(), by=operator, reason="Better for half a year.")
    assert statuses() == {"2026.11": Status.RETIRED, "2026.12-1": Status.ACTIVE}
    events = AuditEvent.objects.order_by("pk").values_list("action", "actor", "detail__reason")
    assert list(events) == [
        ("algorithm.retired", operator.pk, "Better for half a year."),
        ("algorithm.active", operator.pk, "Better for half a year."),
    ]


def test_the_next_match_is_weighed_with_it(operator):
    version = versions.activate(version=make_version(), by=operator, reason="Better.")
    assert make_run().version == version


def test_rolling_back_is_one_step(operator):
    versions.activate(version=make_version(), by=operator, reason="Better.")
    versions.roll_back(by=operator, reason="It was not.")
    assert statuses() == {"2026.11": Status.ACTIVE, "2026.12-1": Status.RETIRED}
    versions.roll_back(by=operator, reason="It was, after all.")
    assert statuses() == {"2026.11": Status.RETIRED, "2026.12-1": Status.ACTIVE}


def test_there_is_nothing_to_roll_back_to_at_first(operator):
    with pytest.raises(DomainError, match="No other version was active before"):
        versions.roll_back(by=operator, reason="Because.")


def test_rolling_back_elsewhere_than_agreed_changes_nothing(operator):
    versions.activate(version=make_version(), by=operator, reason="Better.")
    before = statuses()
    with pytest.raises(DomainError, match=r"would lead to 2026\.11 now"):
        versions.roll_back(by=operator, reason="Twice.", to="2026.12-1")
    assert statuses() == before


def test_the_active_version_goes_only_when_another_comes(operator):
    with pytest.raises(IllegalMove, match="by now"):
        versions.move(
            version=AlgorithmVersion.objects.active(), to=Status.RETIRED, by=operator, reason="Enough."
        )
    assert statuses() == {"2026.11": Status.ACTIVE}


@pytest.mark.parametrize("code", Code)
def test_no_gate_may_be_shut(operator, code):
    version = make_version(fit=fit(failed=[code]))
    with pytest.raises(DomainError, match=str(versions.GATES[code])):
        versions.activate(version=version, by=operator, reason="Still.")
    assert statuses()["2026.11"] == Status.ACTIVE


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "was not fitted"),
        ({"state": "running", "base": "2026.11"}, "was not fitted"),
        (fit(base="2025.01"), "held against 2025.01"),
        (fit(at=(timezone.now() - timedelta(days=15)).isoformat()), "more than two weeks ago"),
    ],
)
def test_what_a_fit_does_not_show_is_not_believed(operator, found, said):
    with pytest.raises(DomainError, match=said):
        versions.activate(version=make_version(fit=found), by=operator, reason="Still.")


def test_a_draft_goes_through_the_shadow_first(operator):
    with pytest.raises(IllegalMove, match="in the shadow"):
        versions.activate(version=make_version(Status.DRAFT), by=operator, reason="Now.")


@pytest.mark.parametrize("role", ["Reviewer", "Analyst"])
def test_only_who_may_decide_decides(role):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    with pytest.raises(PermissionDenied):
        versions.activate(version=make_version(), by=user, reason="Me.")
    with pytest.raises(PermissionDenied):
        fitting.ask_for_fit(by=user, reason="Me.")


def test_a_decision_needs_a_reason(operator):
    with pytest.raises(DomainError, match="Say why"):
        versions.activate(version=make_version(), by=operator, reason=" ")


def test_one_version_shares_the_traffic_at_most(operator):
    first, second = make_version(Status.DRAFT), make_version(Status.DRAFT, name="2026.12-2")
    versions.move(version=first, to=Status.SHADOW, by=operator, reason="Try.", share=20)
    with pytest.raises(DomainError, match="shares the traffic already"):
        versions.move(version=second, to=Status.SHADOW, by=operator, reason="Try.", share=20)
    assert AlgorithmVersion.objects.in_use()[1] == first


def test_the_share_can_be_changed_and_ends_with_the_shadow(operator):
    version = make_version(Status.DRAFT)
    for share in (20, 50):
        version = versions.move(version=version, to=Status.SHADOW, by=operator, reason="Try.", share=share)
        assert [version.share for version in AlgorithmVersion.objects.filter(status="shadow")] == [share]
    versions.move(version=version, to=Status.RETIRED, by=operator, reason="No.")
    assert AlgorithmVersion.objects.in_use()[1] is None


@pytest.mark.parametrize("share", [-1, 101])
def test_a_share_is_a_percentage(operator, share):
    with pytest.raises(DomainError, match="from 0 to 100"):
        versions.move(version=make_version(), to=Status.SHADOW, by=operator, reason="Try.", share=share)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.ACTIVE},
        {"expertise_weight": 301},
        {"share": 101},
        {"name": "2026.11"},
    ],
)
def test_postgres_keeps_versions_sane(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(**fields)


def test_postgres_lets_one_version_share_alone():
    make_version(share=10)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(name="other", share=10)


@pytest.mark.django_db(transaction=True)
def test_two_who_activate_at_once_leave_one_active(operator):
    ready = [make_version(name=f"v{number}") for number in range(2)]

    def activate():
        try:
            versions.activate(version=ready.pop(), by=operator, reason="Mine.")
        except DomainError:  # held against one that is not active any more
            return False
        return True

    assert sorted(at_once(activate, times=2)) == [False, True]
    assert AlgorithmVersion.objects.filter(status=Status.ACTIVE).count() == 1


def test_asking_for_a_fit_makes_a_draft_that_a_worker_fills(operator):
    draft = fitting.ask_for_fit(by=operator, reason="A month has passed.")
    assert (draft.status, draft.created_by) == (Status.DRAFT, operator)
    assert draft.fit
    assert draft.fit["state"] == "running"
    run_jobs()
    draft.refresh_from_db()
    assert draft.fit
    assert draft.fit["state"] == "done"
    assert {gate["code"] for gate in draft.fit["gates"]} == {code.value for code in Code}
    assert draft.weights == AlgorithmVersion.objects.active().weights  # nobody booked anything yet


def test_names_count_on(operator):
    names = [fitting.ask_for_fit(by=operator, reason="Again.").name for _ in range(3)]
    assert [name.rpartition("-")[2] for name in names] == sorted(name.rpartition("-")[2] for name in names)
    assert len(set(names)) == 3


def test_the_same_fit_is_asked_for_once(operator):
    name = fitting.next_name()
    fitting.ask_for_fit(by=operator, reason="A month has passed.", name=name)
    with pytest.raises(DomainError, match=f"{name} was asked for already"):
        fitting.ask_for_fit(by=operator, reason="A month has passed.", name=name)
    assert AlgorithmVersion.objects.count() == 2
