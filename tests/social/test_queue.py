"""The queue of messages in the admin, as each role sees and uses it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import audit
from social.models import Contact, Outreach, SlackUser
from tests.admin.conftest import in_role
from tests.factories import make_booking, make_expert, make_user
from tests.social.rows import make_contact, make_lead, make_outreach, make_post
from tests.social.test_screens import page, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("always_day")]
TEXTS = ["Hello from the moss.", "Good morning from us.", "Dear neighbour."]


@pytest.fixture
def desk(db):
    return in_role("Social media manager")


@pytest.fixture
def row(market):
    lead = make_lead(market)
    lead.evidence.add(make_post(market, lead.author, text="Moss <b>at six</b>", likes=1234))
    return make_outreach(lead, state="drafted", variants=TEXTS)


def fresh(row):
    return Outreach.objects.get(pk=row.pk)


def listed(client, **query):
    return client.get(reverse("admin:social_outreach_changelist", query=query))


def test_the_evidence_stands_beside_the_decision(desk, row):
    html = shown(desk, page(row, "approve"))
    assert "Moss &lt;b&gt;at six&lt;/b&gt;" in html
    assert "1,234 likes" in html
    assert all(text in html for text in TEXTS)
    assert "1,180" in html
    assert "480" in html


@pytest.mark.parametrize(("connected", "next_step"), [(True, "as soon as"), (False, "by hand afterwards")])
def test_approving_says_what_happens_next(desk, row, settings, connected, next_step):
    settings.SOCIAL_X_ACCOUNT = {"key": "one" if connected else ""}
    assert next_step in shown(desk, page(row, "approve"))


def test_a_value_that_nobody_knows_says_so(desk, market):
    lead = make_lead(market, followers=None, high_potential=False)
    unknown = dict.fromkeys(("value", "value_reach", "value_bookings", "value_content"))
    row = make_outreach(lead, state="drafted", variants=TEXTS, **unknown)
    assert "nobody knows how many people follow them" in shown(desk, page(row))
    assert "unknown" in listed(desk).content.decode()


def test_approve_customise_and_skip(desk, row, market):
    desk.post(page(row, "approve"), {"text": TEXTS[1], "seen": "drafted"})
    assert (fresh(row).state, fresh(row).text, fresh(row).approved_by) == ("approved", TEXTS[1], desk.user)
    other = make_outreach(make_lead(market), state="drafted", variants=TEXTS)
    desk.post(page(other, "customise"), {"text": "Dear keeper of the moss.", "seen": "drafted"})
    assert (fresh(other).state, fresh(other).text) == ("customised", "Dear keeper of the moss.")
    assert desk.post(page(other, "skip"), {"reason": ""}).status_code == 200
    desk.post(page(other, "skip"), {"reason": "Sells tours.", "seen": "customised"})
    assert fresh(other).state == "skipped"
    assert "Sells tours." in shown(desk, page(other, "history"))


def test_what_is_too_long_stays_in_the_form_with_the_reason_beside_it(desk, row):
    long = "Hello from the moss. " * 15
    answer = desk.post(page(row, "customise"), {"text": long, "seen": "drafted"})
    assert answer.status_code == 200
    assert long.strip() in answer.content.decode()
    assert "longer than 280" in answer.context["form"].errors["text"][0]
    assert fresh(row).state == "drafted"


def test_whoever_comes_second_is_told(desk, row):
    other = in_role("Reviewer")
    other.post(page(row, "skip"), {"reason": "No.", "seen": "drafted"})
    answer = desk.post(page(row, "approve"), {"text": TEXTS[0], "seen": "drafted"}, follow=True)
    assert "Reviewer was faster" in answer.content.decode()


@pytest.mark.parametrize("role", ["operator", "analyst"])
def test_others_read_and_decide_nothing(request, role, row):
    client = request.getfixturevalue(role)
    assert page(row, "approve") not in shown(client, page(row))
    assert client.post(page(row, "approve"), {"text": TEXTS[0]}).status_code == 403
    client.post(listed_url(), {"action": "approve_chosen", "_selected_action": [row.pk]})
    assert fresh(row).state == "drafted"


def listed_url():
    return reverse("admin:social_outreach_changelist")


def test_several_are_approved_at_once_by_the_same_function(desk, row, market):
    done = make_outreach(make_lead(market), state="skipped", reason="No.", variants=TEXTS)
    chosen = {"action": "approve_chosen", "_selected_action": [row.pk, done.pk]}
    answer = confirmed(desk, chosen)
    assert (fresh(row).state, fresh(row).text, fresh(done).state) == ("approved", TEXTS[0], "skipped")
    assert "1 row changed" in answer


def confirmed(desk, chosen):
    """What the page says after the question whether one is sure."""
    read = [mark for _row, mark, _proof in desk.post(listed_url(), chosen).context["rows"]]
    return desk.post(listed_url(), chosen | {"read": read}, follow=True).content.decode()


def test_what_cannot_be_approved_is_left_out_by_name(desk, row, market):
    done = make_outreach(make_lead(market), state="skipped", reason="No.", variants=["Too late."])
    theirs = make_outreach(make_lead(market), state="drafted", variants=["Mine."])
    in_role("Reviewer").post(page(theirs, "claim"))
    chosen = {"action": "approve_chosen", "_selected_action": [row.pk, done.pk, theirs.pk]}
    asked = desk.post(listed_url(), chosen)
    assert [shown_row for shown_row, _mark, _proof in asked.context["rows"]] == [row]
    assert {done, theirs} == set(asked.context["left_out"])
    html = asked.content.decode()
    assert str(done.lead) in html
    assert "Too late." not in html


def test_evidence_stands_under_each_of_several_at_the_same_cost(desk, row, market):
    def ask():
        chosen = {
            "action": "approve_chosen",
            "_selected_action": list(Outreach.objects.values_list("pk", flat=True)),
        }
        with CaptureQueriesContext(connection) as queries:
            html = desk.post(listed_url(), chosen).content.decode()
        return html, len(queries)

    html, cost = ask()
    assert "Moss &lt;b&gt;at six&lt;/b&gt;" in html
    lead = make_lead(market)
    lead.evidence.add(make_post(market, lead.author, text="Fern at noon"))
    make_outreach(lead, state="drafted", variants=TEXTS)
    html, later = ask()
    assert "Fern at noon" in html
    assert later == cost


def test_what_several_are_is_read_whole_before_it_is_approved(desk, row):
    long = "Hello from the moss. " * 12
    Outreach.objects.filter(pk=row.pk).update(text=long, state="customised")
    asked = desk.post(listed_url(), {"action": "approve_chosen", "_selected_action": [row.pk]})
    assert long in asked.content.decode()
    assert fresh(row).state == "customised"


def test_what_a_colleague_changed_since_is_refused_by_name(desk, row, market):
    other = make_outreach(make_lead(market), state="customised", text="Hello.")
    chosen = {"action": "approve_chosen", "_selected_action": [row.pk, other.pk]}
    read = [mark for _row, mark, _proof in desk.post(listed_url(), chosen).context["rows"]]
    Outreach.objects.filter(pk=row.pk).update(state="customised", text=TEXTS[0])
    Outreach.objects.filter(pk=other.pk).update(text="Unread.")
    html = desk.post(listed_url(), chosen | {"read": read}, follow=True).content.decode()
    assert {fresh(row).state, fresh(other).state} == {"customised"}
    assert f"{other.lead}: This text is not there any more" in html
    assert f"{row.lead}: " in html


def test_several_are_skipped_with_one_reason(desk, row, market):
    other = make_outreach(make_lead(market), state="drafted", variants=TEXTS)
    chosen = {"action": "skip_chosen", "_selected_action": [row.pk, other.pk]}
    asked = desk.post(listed_url(), chosen).content.decode()
    assert str(row.lead) in asked
    assert fresh(row).state == "drafted"
    read = [mark for _row, mark, _proof in desk.post(listed_url(), chosen).context["rows"]]
    desk.post(listed_url(), chosen | {"reason": "Sells tours.", "read": read})
    assert set(Outreach.objects.values_list("state", "reason")) == {("skipped", "Sells tours.")}


def test_a_claim_hides_the_buttons_from_others(desk, row):
    desk.post(page(row, "claim"))
    other = in_role("Reviewer")
    html = shown(other, page(row))
    assert page(row, "approve") not in html
    assert page(row, "take_over") in html
    answer = other.post(page(row, "approve"), {"text": TEXTS[0]}, follow=True)
    assert "has claimed this" in answer.content.decode()
    other.post(page(row, "take_over"))
    assert fresh(row).claimed_by == other.user


def test_the_queue_tells_mine_overdue_and_what_is_to_decide(desk, row, market, now):
    late = make_outreach(make_lead(market), state="drafted", due_at=now - timedelta(hours=1))
    make_outreach(make_lead(market), state="skipped", reason="No.")
    desk.post(page(row, "claim"))

    def found(task):
        return set(listed(desk, task=task).context["cl"].result_list)

    assert found("mine") == {row}
    assert found("overdue") == {late}
    assert found("unclaimed") == {late}
    assert found("waiting") == {row, late}
    assert listed(desk).content.decode().count(">overdue</b>") == 1


def test_by_hand_the_text_is_there_for_a_day_once_the_rules_have_been_asked(desk, row, always_day, now):
    desk.post(page(row, "approve"), {"text": TEXTS[0]})
    link = f"https://x.com/{row.lead.handle}"
    assert "Open in X" not in shown(desk, page(row))
    always_day.stopped = True
    always_day.save()
    assert "stopped" in desk.post(page(row, "by_hand"), follow=True).content.decode()
    always_day.stopped = False
    always_day.save()
    html = desk.post(page(row, "by_hand"), follow=True).content.decode()
    assert link in html
    assert "Open in X" in html
    Contact.objects.update(at=now - timedelta(hours=25))
    html = shown(desk, page(row))
    assert "Open in X" not in html
    assert "has not said whether it was sent" in html
    desk.post(page(row, "sent"))
    assert (fresh(row).state, Contact.objects.get().by) == ("sent", desk.user)


def test_without_x_an_approval_leads_on_to_sending_by_hand(desk, row):
    answer = desk.post(page(row, "approve"), {"text": TEXTS[0]}, follow=True)
    assert answer.redirect_chain[-1][0] == page(row, "by_hand")
    assert "Approved. Now send it by hand." in answer.content.decode()


def test_with_x_nobody_is_sent_to_do_it_by_hand(desk, row, x_account):
    answer = desk.post(page(row, "approve"), {"text": TEXTS[0]}, follow=True)
    assert answer.redirect_chain[-1][0] == page(row)
    assert "by hand" not in messages_of(answer)


def messages_of(answer):
    return " ".join(map(str, answer.context["messages"]))


def test_what_waits_for_a_hand_comes_right_after_what_is_to_decide_and_is_counted(desk, row, market, now):
    past = {"text": TEXTS[0], "approved_by": desk.user, "approved_at": now, "due_at": now - timedelta(days=9)}
    make_outreach(make_lead(market), state="sent", sent_at=now, **past)
    by_x = make_outreach(make_lead(market), state="approved", send_after=now, **past)
    by_hand = make_outreach(make_lead(market), state="approved", **past | {"due_at": now + timedelta(days=9)})
    assert list(listed(desk).context["cl"].result_list)[:2] == [row, by_hand]
    assert list(listed(desk, task="by_hand").context["cl"].result_list) == [by_hand]
    assert by_x not in listed(desk, task="by_hand").context["cl"].result_list
    assert outreach_badge(desk) == "2"


def test_in_hand_the_approved_text_comes_first_and_no_other_is_there(desk, row):
    desk.post(page(row, "approve"), {"text": TEXTS[1]})
    desk.post(page(row, "by_hand"))
    html = shown(desk, page(row))
    assert html.index("Open in X") < html.index("/ 280 · approved")
    assert TEXTS[0] not in html


def sent(row, user, now):
    given = {"state": "sent", "text": TEXTS[0], "approved_by": user, "approved_at": now, "sent_at": now}
    Outreach.objects.filter(pk=row.pk).update(**given)
    make_contact(row.lead, outreach=row)
    return fresh(row)


def test_a_reply_a_conversion_and_what_came_of_it(desk, row, market, now):
    row = sent(row, desk.user, now)
    desk.post(page(row, "record_reply"), {"text": "Gern!"})
    assert fresh(row).state == "replied"
    assert (
        "No expert has applied"
        in desk.post(page(row, "convert"), {"email": "no@example.com"}).content.decode()
    )
    expert = make_expert(market)
    make_booking(expert, price=900, created_at=now - timedelta(days=3))  # before they were converted
    desk.post(page(row, "convert"), {"email": expert.user.email.upper()})
    make_booking(expert, price=300)
    make_booking(expert, price=500, state="cancelled")
    make_booking(expert, price=700, created_at=now + timedelta(days=2))  # no one has asked for it yet
    html = shown(desk, page(row))
    assert (fresh(row).state, fresh(row).lead.expert) == ("converted", expert)
    assert "1 booking of $300" in html
    assert "25 %" in html


def test_a_reply_that_says_stop_is_an_opt_out(desk, row, now):
    row = sent(row, desk.user, now)
    answer = desk.post(page(row, "record_reply"), {"text": "Bitte nicht mehr schreiben"}, follow=True)
    assert fresh(row).state == "opted_out"
    assert messages_of(answer) == "Nobody writes to this person any more."


def test_staff_begin_with_a_lead_that_no_round_chose(desk, market, analyst):
    lead = make_lead(market, followers=None, high_potential=False)
    assert analyst.post(page(lead, "write")).status_code == 403
    desk.post(page(lead, "write"))
    assert Outreach.objects.get().lead == lead
    assert "already open" in desk.post(page(lead, "write"), follow=True).content.decode()


def test_whoever_is_written_to_or_opted_out_is_not_offered_to_be_written_to(desk, row, market):
    html = shown(desk, page(row.lead))
    assert page(row.lead, "write") not in html
    assert page(row) in html
    assert page(row.lead, "opt_out") in html
    free = make_lead(market)
    assert page(free, "write") in shown(desk, page(free))
    desk.post(page(row.lead, "opt_out"))
    html = shown(desk, page(row.lead))
    assert page(row.lead, "write") not in html
    assert page(row.lead, "opt_out") not in html
    assert "not to be written to" in html


def test_an_operator_says_who_somebody_in_slack_is(operator, desk):
    url = reverse("admin:social_slackuser_add")
    assert desk.get(url).status_code == 403
    user = make_user(is_staff=True)
    operator.post(url, {"slack_id": "U77", "user": user.pk})
    assert SlackUser.objects.get().user == user


def test_whoever_is_meant_says_so_and_whatever_changes_is_to_be_said_anew(operator, desk):
    somebody = SlackUser.objects.create(slack_id="U77", user=desk.user)
    assert page(somebody, "confirm") not in shown(operator, page(somebody))
    assert operator.post(page(somebody, "confirm"), {"slack_id": "U77"}).status_code == 403
    assert page(somebody, "confirm") in shown(desk, page(somebody))
    desk.post(page(somebody, "confirm"), {"slack_id": "U78"})
    somebody.refresh_from_db()
    assert somebody.confirmed_at is None
    desk.post(page(somebody, "confirm"), {"slack_id": "U77"})
    somebody.refresh_from_db()
    assert somebody.confirmed_at
    assert audit.history(somebody).get().actor == desk.user
    operator.post(page(somebody), {"slack_id": "U78", "user": desk.user.pk})
    somebody.refresh_from_db()
    assert (somebody.slack_id, somebody.confirmed_at) == ("U78", None)


def test_what_waits_is_counted_in_the_sidebar(desk, row):
    assert outreach_badge(desk) == "1"


def outreach_badge(client):
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    badges = {item["title"]: item.get("badge") for group in groups for item in group["items"]}
    return badges["Outreach"]


def test_whoever_asks_by_another_way_is_left_alone_too(desk, row, market, analyst):
    other = make_lead(market)
    assert analyst.post(page(other, "opt_out")).status_code == 403
    for lead in (row.lead, other):
        desk.post(page(lead, "opt_out"))
        lead.refresh_from_db()
        assert lead.opted_out_at
    assert (fresh(row).state, Contact.objects.filter(kind="opt_out").count()) == ("opted_out", 2)
