"""The first page, the sidebar, and the screens that explain: receipts, markets, access."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, NoticeMail, User
from bookings.models import Dispute, Report, WaitlistEntry
from experts import services
from experts.models import Expert
from markets.models import Market
from matching.models import MatchScore
from tests.admin.conftest import in_role
from tests.admin.rows import make_ranking, make_rows, make_score
from tests.admin.test_change_pages import cost
from tests.factories import make_booking, make_complete, make_expert, make_market, make_trip, make_user


def change(row, page="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def sidebar(client):
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    return [item["title"] for group in groups for item in group["items"]]


def test_the_overview_counts_what_waits(root):
    make_rows()
    old = make_complete(make_expert(status=Expert.Status.DRAFT))
    services.submit(expert=old, by=old.user)
    AuditEvent.objects.filter(target_id=old.pk).update(at=timezone.now() - timedelta(days=3))
    market = make_market("Kyoto")
    WaitlistEntry.objects.bulk_create(
        WaitlistEntry(market=market, email=f"{n}@example.com") for n in range(3)
    )
    parts = root.get(reverse("admin:index")).context["parts"]
    assert (parts["applications"]["count"], parts["jobs"]["dead"], parts["runs"]["count"]) == (2, 1, 1)
    assert (timezone.now() - parts["applications"]["oldest"]).days == 3
    longest, _ = parts["waitlists"]["markets"][0]
    assert (longest, longest.waiting) == (market, 3)


DECIDED = {"state": "dismissed", "outcome": "No.", "decided_at": timezone.now()}


@pytest.mark.parametrize(
    ("name", "model", "since", "done"),
    [
        ("disputes", Dispute, "opened_at", DECIDED),
        ("reports", Report, "created_at", DECIDED),
        ("mails", NoticeMail, "created_at", {"state": "dropped"}),
    ],
)
def test_the_overview_leads_to_what_waits_and_to_nothing_that_is_done(root, name, model, since, done):
    make_rows()
    make_rows()
    last = model.objects.latest("pk")
    model.objects.filter(pk=last.pk).update(**done)
    part = root.get(reverse("admin:index")).context["parts"][name]
    listed = set(root.get(part["url"]).context["cl"].result_list)
    assert listed == set(model.objects.exclude(pk=last.pk)) != set()
    assert part["count"] == len(listed)
    assert part["oldest"] == min(getattr(row, since) for row in listed)


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        ("Reviewer", {"Open disputes", "Open reports"}),
        ("Operator", {"Open disputes", "Open reports", "Failed mails"}),
        ("Social media manager", set()),
    ],
)
def test_the_overview_counts_for_each_role_what_it_may_open(db, role, titles):
    shown = in_role(role).get(reverse("admin:index")).text
    assert {title for title in ("Open disputes", "Open reports", "Failed mails") if title in shown} == titles
    assert "no role yet" not in shown


def test_the_overview_costs_the_same_for_one_and_three(root):
    costs = []
    for _ in range(3):
        make_rows()
        costs.append(cost(root, reverse("admin:index")))
    assert costs[0] == costs[2]


def test_staff_without_a_role_are_told_why_they_see_nothing(plain_staff):
    shown = plain_staff.get(reverse("admin:index")).text
    assert "Your account has no role yet" in shown
    assert "An administrator can give you one" in shown


def test_an_empty_site_has_an_overview(root):
    response = root.get(reverse("admin:index"))
    assert "nobody waits" in response.content.decode()


def test_everybody_sees_what_they_may_open(reviewer, operator, plain_staff):
    assert "Waitlist" in sidebar(operator)
    assert "Waitlist" not in sidebar(reviewer)
    assert sidebar(plain_staff) == ["Overview"]
    assert plain_staff.get(reverse("admin:index")).context["parts"] == {}


def test_waiting_applications_are_counted_in_the_sidebar(reviewer):
    make_expert(status=Expert.Status.SUBMITTED)
    groups = reviewer.get(reverse("admin:index")).context["sidebar_navigation"]
    badges = {item["title"]: item.get("badge") for group in groups for item in group["items"]}
    assert badges["Experts"] == "1"


def test_a_receipt_adds_up_in_plain_words(analyst):
    run = make_ranking(make_trip(), make_expert())
    response = analyst.get(change(run.scores.get()))
    lines = response.context["lines"]
    assert [(line.weight, line.value, line.points) for line in lines][:2] == [(35, 80, 28), (20, 80, 16)]
    assert sum(line.points for line in lines) == run.scores.get().score == 80
    shown = response.content.decode()
    said = [
        "80 of 100 × 35 % = 28 points",
        "Usually answers within 5 hours",
        "Free on all 5 days",
    ]
    assert [text for text in said if text not in shown] == []


def test_a_score_far_from_the_top_says_why_it_is_hidden(analyst):
    run = make_ranking(make_trip(), make_expert())
    score = make_score(run, make_expert(), rank=2, hidden=MatchScore.Hidden.NOT_IN_TOP)
    shown = analyst.get(change(score)).content.decode()
    assert "not in the top five" in shown
    assert "Evidence is kept for the ones nearest the top only." in shown


def test_a_run_shows_the_top_of_its_ranking(analyst):
    run = make_ranking(make_trip(), make_expert())
    make_score(run, make_expert(), rank=2)
    make_ranking(make_trip(), make_expert())
    assert list(analyst.get(change(run)).context["scores"]) == list(run.scores.order_by("rank"))


def test_the_scores_of_one_run_come_in_the_order_of_their_rank(analyst):
    run = make_ranking(make_trip(), make_expert())
    make_score(run, make_expert(), rank=2)
    make_ranking(make_trip(), make_expert())
    response = analyst.get(reverse("admin:matching_matchscore_changelist"), {"run__id__exact": run.pk})
    assert [score.rank for score in response.context["cl"].result_list] == [1, 2]


def test_an_operator_opens_a_market_after_being_asked(operator):
    market = make_market(status=Market.Status.RECRUITING)
    assert operator.get(change(market, "activate")).status_code == 200
    market.refresh_from_db()
    assert market.status == Market.Status.RECRUITING
    operator.post(change(market, "activate"))
    market.refresh_from_db()
    event = audit.history(market).get()
    assert (market.status, event.actor, event.detail) == (
        Market.Status.ACTIVE,
        operator.user,
        {"before": "recruiting", "after": "active"},
    )


def test_opening_an_open_market_is_refused(operator):
    market = make_market(status=Market.Status.ACTIVE)
    response = operator.post(change(market, "activate"))
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "From “active” this can't become “active”. Possible: looking for experts."
    ]


def test_a_market_counts_its_experts_and_its_waitlist_apart(operator):
    market = make_market()
    for name in ("a", "b"):
        make_expert(market)
        WaitlistEntry.objects.create(market=market, email=f"{name}@example.com")
    make_expert(market, status=Expert.Status.PAUSED)
    row = operator.get(reverse("admin:markets_market_changelist")).context["cl"].result_list[0]
    assert (row.active_experts, row.waiting) == (2, 2)


@pytest.fixture
def form():
    return {"name": "Rita", "time_zone": "UTC", "is_active": "on", "is_staff": "on"}


def test_roles_are_given_with_a_trail(root, form):
    user, role = make_user(), Group.objects.get(name="Reviewer")
    root.post(change(user), form | {"groups": [role.pk], "email": "other@example.com"})
    user.refresh_from_db()
    assert (user.name, list(user.groups.all())) == ("Rita", [role])
    assert user.email != "other@example.com"
    lines = [(line.what, line.detail) for line in root.get(change(user, "history")).context["lines"]]
    assert ("role added", {"role": "Reviewer"}) in lines
    assert "changed the access" in [what for what, _ in lines]


def test_staff_are_added_without_a_password(root, form):
    root.post(reverse("admin:accounts_user_add"), form | {"email": "New@Example.com"})
    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.has_usable_password()) == (True, False)


def test_two_accounts_cannot_share_an_address(root, form):
    make_user(email="ada@example.com")
    response = root.post(reverse("admin:accounts_user_add"), form | {"email": "ADA@example.com"})
    assert (response.status_code, User.objects.filter(email__iexact="ada@example.com").count()) == (200, 1)


def test_an_operator_reads_accounts_and_changes_none(operator, form):
    user = make_user("Ada")
    assert operator.get(change(user)).status_code == 200
    assert operator.post(change(user), form).status_code == 403
    user.refresh_from_db()
    assert (user.name, user.is_staff) == ("Ada", False)


def test_the_history_of_a_booking_comes_from_the_database(operator):
    booking = make_booking(make_expert(), state="confirmed")
    type(booking).objects.filter(pk=booking.pk).update(state="completed")
    lines = operator.get(change(booking, "history")).context["lines"]
    assert [line.detail["state"] for line in lines] == ["completed", "confirmed"]
