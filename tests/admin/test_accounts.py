"""Accounts in the admin: who gives access, and what remains of it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse

from accounts import audit, services
from accounts.models import User, UserRole
from tests.admin.conftest import in_role
from tests.factories import make_user

ADD = "admin:accounts_user_add"
FORM = {"name": "Rita", "time_zone": "UTC", "is_active": "on", "is_staff": "on"}


def page(user, name="change"):
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def roles(*names):
    return list(Group.objects.filter(name__in=names).order_by("name"))


def ids(*names):
    return [role.pk for role in roles(*names)]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def state(staff, active, *names):
    return {"staff": staff, "active": active, "roles": list(names)}


@pytest.mark.parametrize(
    ("form", "after"),
    [
        ({"groups": ["Operator", "Reviewer"]}, state(True, True, "Operator", "Reviewer")),
        ({"groups": ["Operator"]}, state(True, True, "Operator")),
        ({"groups": []}, state(True, True)),
        ({"groups": ["Analyst"], "is_staff": ""}, state(False, True, "Analyst")),
        ({"groups": ["Analyst"], "is_active": ""}, state(True, False, "Analyst")),
    ],
)
def test_each_change_of_access_is_one_event(root, form, after):
    user = make_user(is_staff=True)
    user.groups.set(roles("Analyst"))
    root.post(page(user), FORM | form | {"groups": ids(*form["groups"])})
    event = audit.history(user).get()
    assert (event.action, event.actor, event.detail) == (
        "user.access",
        root.user,
        {"before": state(True, True, "Analyst"), "after": after},
    )


def test_saving_without_a_change_of_access_is_none(root):
    user = make_user(is_staff=True)
    root.post(page(user), FORM | {"name": "Renamed"})
    user.refresh_from_db()
    assert (user.name, audit.history(user).count()) == ("Renamed", 0)


@pytest.mark.parametrize("box", ["is_staff", "is_active"])
def test_nobody_locks_themselves_out(root, box):
    response = root.post(page(root.user), FORM | {box: ""})
    root.user.refresh_from_db()
    assert (root.user.is_staff, root.user.is_active) == (True, True)
    assert said(response)[0] == "You would lock yourself out."


def test_nobody_makes_superusers_here(root):
    user = make_user(is_staff=True)
    root.post(page(user), FORM | {"is_superuser": "on", "is_demo": "on"})
    user.refresh_from_db()
    assert (user.is_superuser, user.is_demo) == (False, False)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "rosa",
        "rosa\0@example.com",
        "rosa@example.com\nBcc: x",
        "rosa@" + ".".join(["İ" * 50] * 3) + ".example",
        "rosa@" + "ü" * 60 + ".example",
        "a" * 250 + "@example.com",
    ],
)
def test_an_account_has_an_address_that_can_be_reached(root, email):
    response = root.post(reverse(ADD), FORM | {"email": email})
    assert list(response.context["adminform"].form.errors) == ["email"]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "A\0"), ("time_zone", "Mars/Base"), ("time_zone", "Europe")]
)
def test_other_answers_are_checked_as_well(root, field, value):
    response = root.post(reverse(ADD), FORM | {"email": "rita@example.com", field: value})
    assert list(response.context["adminform"].form.errors) == [field]


def test_old_names_of_time_zones_are_kept_as_they_are(root):
    root.post(reverse(ADD), FORM | {"email": "rita@example.com", "time_zone": "Asia/Calcutta"})
    assert User.objects.get(email="rita@example.com").time_zone == "Asia/Calcutta"


def test_a_new_account_gets_its_roles_with_a_trail(root):
    root.post(reverse(ADD), FORM | {"email": "rita@example.com", "groups": ids("Reviewer")})
    user = User.objects.get(email="rita@example.com")
    assert (user.is_staff, list(user.groups.all())) == (True, roles("Reviewer"))
    assert audit.history(user).get().detail["after"] == state(True, True, "Reviewer")


def test_a_new_account_is_entered_by_a_mailed_link_and_its_address_is_nobody_elses(root, client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # as where mail is sent
    root.post(reverse(ADD), FORM | {"email": "Rita@example.com"})
    client.post(reverse("account_reset_password"), {"email": "rita@example.com"})
    (link,) = re.findall(r"http://localhost:8000(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another long phrase", "password2": "another long phrase"})
    client.post(reverse("account_login"), {"login": "rita@example.com", "password": "another long phrase"})
    assert client.session["_auth_user_id"] == str(User.objects.get(email="rita@example.com").pk)


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}])
def test_whoever_loses_access_is_out_at_the_next_click(root, change):
    staff = in_role("Reviewer")
    assert staff.get(reverse("admin:index")).status_code == 200
    access = {"is_staff": True, "is_active": True} | change
    services.set_access(user=staff.user, by=root.user, roles=roles("Reviewer"), **access)
    assert staff.get(reverse("admin:experts_expert_changelist")).status_code == 302


def test_whoever_loses_a_role_loses_its_lists_at_the_next_click(root):
    staff = in_role("Reviewer")
    services.set_access(user=staff.user, by=root.user, roles=[], is_staff=True, is_active=True)
    assert staff.get(reverse("admin:experts_expert_changelist")).status_code == 403


def test_a_superuser_who_is_no_staff_stays_out(root):
    User.objects.filter(pk=root.user.pk).update(is_staff=False)
    assert root.get(reverse("admin:index")).status_code == 302


def test_the_history_also_tells_what_came_by_other_ways(root):
    user = make_user()
    UserRole.objects.create(user=user, group=roles("Operator")[0])
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    lines = [(line.what, line.facts) for line in root.get(page(user, "history")).context["lines"]]
    assert ("role added", {"role": "Operator"}) in lines
    assert ("access as stored", {"staff": "no", "superuser": "yes", "active": "yes"}) in lines


# The second factor


@pytest.fixture
def locked_out(db):
    user = make_user(email="lost@example.com", is_staff=True)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    return user


def test_a_lost_factor_is_removed_after_a_question_that_names_its_owner(root, locked_out):
    assert "lost@example.com" in root.get(page(locked_out, "remove_second_factor")).content.decode()
    assert Authenticator.objects.count() == 1
    response = root.post(page(locked_out, "remove_second_factor"))
    assert said(response) == ["The second factor is removed."]
    assert Authenticator.objects.count() == 0
    assert audit.history(locked_out).get().actor == root.user


def test_one_that_is_not_there_is_not_removed(root):
    user = make_user(is_staff=True)
    assert said(root.post(page(user, "remove_second_factor"))) == ["This account has no second factor."]
    assert audit.history(user).count() == 0


def test_the_button_is_there_for_a_factor_alone(root, locked_out):
    button = "/remove-second-factor/"
    shown = [root.get(page(user)).content.decode() for user in (locked_out, make_user())]
    assert [button in html for html in shown] == [True, False]


@pytest.mark.parametrize("number", ["987654321", "x"])
def test_nobodys_factor_is_not_found(root, number):
    url = reverse("admin:accounts_user_remove_second_factor", args=[number])
    assert [root.get(url).status_code, root.post(url).status_code] == [404, 404]


# Roles


def test_a_role_is_shown_with_its_members_and_permissions_and_never_changed(root):
    in_role("Reviewer"), in_role("Reviewer")
    role = roles("Reviewer")[0]
    shown = root.get(reverse("admin:auth_group_changelist")).context["cl"].result_list
    counts = {one.name: one.user_count for one in shown}
    assert counts == {"Analyst": 0, "Operator": 0, "Reviewer": 2, "Social media manager": 0}
    url = reverse("admin:auth_group_change", args=[role.pk])
    assert "Can review expert" in root.get(url).content.decode()
    assert root.post(url, {"name": "Root"}).status_code == 403
