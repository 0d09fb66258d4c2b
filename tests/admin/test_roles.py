"""What each role may open and save, over all screens there are: a new screen has to be thought of here."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import in_role, signed_in
from tests.admin.rows import make_rows
from tests.admin.test_permissions import address, screens
from tests.factories import make_expert, make_trip

pytestmark = pytest.mark.django_db

# Labels of models that a role may not even look at, and that it may save.
HIDDEN = {
    "reviewer": {
        "accounts.NoticeMail",
        "accounts.User",
        "auth.Group",
        "bookings.WaitlistEntry",
        "django_celery_beat.PeriodicTask",
        "jobs.Effect",
        "jobs.Job",
        "llm.Call",
        "llm.Disclosure",
    },
    "operator": {"auth.Group"},
    "analyst": {"auth.Group"},
}
SAVED = {
    "reviewer": {"experts.Expert", "experts.Service", "social.Campaign", "social.PostDraft"},
    "operator": {"django_celery_beat.PeriodicTask", "experts.Specialty", "markets.ExchangeRate"}
    | {"social.Monitor", "social.SlackUser", "social.SocialSettings"},
    "analyst": set(),
}
every_role = pytest.mark.parametrize("role", HIDDEN)


def refused(client, method, page, query=""):
    """Labels of the models whose page answers 403."""
    answers = {
        model._meta.label: getattr(client, method)(
            address(f"{model._meta.app_label}_{model._meta.model_name}_{page}") + query
        ).status_code
        for model in admin.site._registry
    }
    return {label for label, status in answers.items() if status == 403}


def everything():
    return {model._meta.label for model in admin.site._registry}


@every_role
def test_a_role_looks_at_these(request, role):
    """The query is refused after the permission is checked and before the list is drawn: test_screens.py draws them."""
    assert refused(request.getfixturevalue(role), "get", "changelist", "?q=%00") == HIDDEN[role]


@every_role
def test_a_role_saves_these(request, role):
    make_rows()
    assert everything() - refused(request.getfixturevalue(role), "post", "change") == SAVED[role]


def test_operators_add_rates_reviewers_campaigns_and_nobody_else_anything(reviewer, operator, analyst):
    assert refused(analyst, "post", "add") == everything()
    assert everything() - refused(reviewer, "post", "add") == {"social.Campaign"}
    assert everything() - refused(operator, "post", "add") == {"markets.ExchangeRate", "social.SlackUser"}


def test_a_social_media_manager_looks_at_social_commerce_and_saves_campaigns_and_drafts_of_posts_alone():
    manager = in_role("Social media manager")
    make_rows()
    seen = everything() - refused(manager, "get", "changelist", "?q=%00")
    social = {label for label in everything() if label.startswith("social.")}
    assert seen == social | {"experts.Expert", "markets.Market"}
    assert everything() - refused(manager, "post", "change") == {"social.Campaign", "social.PostDraft"}
    assert everything() - refused(manager, "post", "add") == {"social.Campaign"}


def test_travelers_and_experts_are_sent_to_sign_in_however_much_is_theirs():
    make_rows()
    traveler, expert = signed_in(), Client()
    make_trip(traveler=traveler.user)
    expert.force_login(make_expert(status="active").user)
    for client in (traveler, expert):
        found = {client.get(address(name)).headers.get("Location", "") for name in screens()}
        assert {place.split("?")[0] for place in found} == {reverse("admin:login")}


def test_a_staff_account_that_was_closed_is_a_stranger(reviewer):
    reviewer.user.is_active = False
    reviewer.user.save()
    assert reviewer.get(reverse("admin:index")).headers["Location"].startswith(reverse("admin:login"))
