"""Who may do what, who may change that, and what remains of every change."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from accounts import audit, services
from accounts.errors import DomainError
from accounts.models import User, UserRole
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return User.objects.create_superuser("root@example.com", "x", name="Root")


def role(name):
    return Group.objects.get(name=name)


def permissions_of(name):
    pairs = role(name).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in pairs}


def test_an_analyst_changes_nothing():
    assert {name.split(".")[1].split("_")[0] for name in permissions_of("Analyst")} == {"view"}


def test_a_reviewer_decides_on_experts():
    assert permissions_of("Reviewer") - permissions_of("Analyst") == {
        "experts.change_expert",
        "experts.change_service",
        "experts.review_expert",
        "bookings.decide_dispute",
        "content_assistant.decide_ruling",
        "bookings.decide_report",
        "bookings.moderate_review",
        "bookings.moderate_travelerreview",
        "bookings.read_attachment",
        "social.decide_trend",
        "social.decide_outreach",
        "social.decide_idea",
        "social.erase_lead",
        "social.retry_alert",
        *(f"social.{act}_{model}" for act in ("add", "change") for model in ("campaign", "postdraft")),
    }


def test_an_operator_runs_markets_and_reviews_nobody():
    more = permissions_of("Operator") - permissions_of("Analyst")
    assert more == {
        "accounts.send_again_noticemail",
        "accounts.erase_user",
        "bookings.move_booking",
        "accounts.export_user",
        "experts.import_expert",
        "django_celery_beat.change_periodictask",
        "experts.change_specialty",
        "jobs.replay_job",
        "jobs.retry_effect",
        "llm.change_switch",
        "llm.test_route",
        "llm.view_calltext",
        "markets.add_exchangerate",
        "markets.change_exchangerate",
        "markets.change_market",
        "markets.view_marketname",
        "matching.decide_algorithm",
        "social.change_monitor",
        "social.change_socialsettings",
        "social.retry_alert",
        "social.start_run",
        *(f"social.{act}_slackuser" for act in ("add", "change", "delete")),
    }


def test_access_changes_with_a_trail(root):
    user = make_user()
    services.set_access(user=user, by=root, roles=[role("Reviewer")], is_staff=True, is_active=True)
    event = audit.history(user).get()
    assert (event.actor, event.detail) == (
        root,
        {
            "before": {"staff": False, "active": True, "roles": []},
            "after": {"staff": True, "active": True, "roles": ["Reviewer"]},
        },
    )
    assert User.objects.get(pk=user.pk).has_perm("experts.review_expert")


def test_access_as_it_was_leaves_no_trail(root):
    user = make_user()
    services.set_access(user=user, by=root, roles=[], is_staff=False, is_active=True)
    assert audit.history(user).count() == 0


def test_whoever_is_not_a_superuser_gives_no_access():
    boss = make_user(is_staff=True)
    boss.groups.set(Group.objects.all())
    with pytest.raises(PermissionDenied):
        services.set_access(user=boss, by=boss, roles=[], is_staff=True, is_active=True)


def test_nobody_locks_themselves_out(root):
    with pytest.raises(DomainError, match="lock yourself out"):
        services.set_access(user=root, by=root, roles=[], is_staff=False, is_active=True)
    root.refresh_from_db()
    assert root.is_staff


def test_the_database_itself_remembers_roles_given_behind_the_sites_back():
    user = make_user()
    UserRole.objects.bulk_create([UserRole(user=user, group=role("Operator"))])
    UserRole.objects.filter(user=user).delete()
    rows = UserRole.pgh_event_model.objects.filter(user=user).order_by("pgh_id")
    assert [(row.pgh_label, row.group.name) for row in rows] == [
        ("insert", "Operator"),
        ("delete", "Operator"),
    ]


def test_the_database_itself_remembers_who_became_staff():
    user = make_user()
    User.objects.filter(pk=user.pk).update(is_staff=True)
    User.objects.filter(pk=user.pk).update(name="Other")
    rows = User.pgh_event_model.objects.filter(pgh_obj=user)  # type: ignore[attr-defined]  # pghistory's
    assert [row.is_staff for row in rows] == [True]


def test_a_lost_second_factor_is_removed_with_a_trail(root):
    user = make_user(is_staff=True)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    services.remove_second_factor(user=user, by=root)
    assert user.authenticator_set.count() == 0
    assert audit.history(user).get().action == "user.second_factor_removed"
    with pytest.raises(DomainError, match="no second factor"):
        services.remove_second_factor(user=user, by=root)
