"""Messages between two people: who reads what, what is kept, who is told."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import Notice, User
from bookings import threads
from bookings.models import Attachment, Block, Inquiry, Message, Report
from experts.models import Expert
from jobs.models import Job
from tests.factories import (
    make_booking,
    make_expert,
    make_inquiry,
    make_market,
    make_message,
    make_offer,
    make_trip,
    make_user,
)
from tests.pages import form_answers, signed_in
from tests.threads import at_once
from tests.worker import run_jobs, work

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def inquiry():
    expert = make_expert(make_market("Kyoto"), name="Mei Tanaka")
    return make_inquiry(expert, make_user("Rosa Traveler"), message="Do you know a garden?")


def page(client, inquiry, **query):
    response = client.get(inquiry.get_absolute_url(), query)
    assert response.status_code == 200
    return response.content.decode()


def write(client, inquiry, body, **fields):
    return client.post(inquiry.get_absolute_url(), {"key": str(uuid4()), "body": body} | fields)


def said(inquiry):
    return list(inquiry.messages.order_by("pk").values_list("side", "body"))


def counts(inquiry):
    inquiry.refresh_from_db()
    return inquiry.traveler_unread, inquiry.expert_unread


def due():
    """Let the time pass that mails wait."""
    Job.objects.update(run_after="2020-01-01T00:00Z")
    return run_jobs()


def test_both_write_and_read_the_same_thread(inquiry, rosa, mei):
    assert write(mei, inquiry, "Three of them.").url == f"{inquiry.get_absolute_url()}#end"
    write(rosa, inquiry, "Show me all!")
    assert said(inquiry) == [
        ("traveler", "Do you know a garden?"),
        ("expert", "Three of them."),
        ("traveler", "Show me all!"),
    ]
    for client in (rosa, mei):
        shown = page(client, inquiry)
        assert shown.index("a garden?") < shown.index("Three of them.") < shown.index("Show me all!")


@pytest.mark.parametrize("name", ["thread", "news", "offer", "block", "report"])
def test_nobody_else_finds_it(inquiry, name):
    other_expert = make_expert().user
    staff = make_user(is_staff=True, is_superuser=True)
    for user in (make_user(), other_expert, staff):
        assert signed_in(user).get(reverse(f"inquiries:{name}", args=[inquiry.pk])).status_code == 404
        assert write(signed_in(user), inquiry, "Let me in").status_code == 404
    assert inquiry.messages.count() == 1


def test_a_double_click_is_one_message(inquiry, rosa):
    key = str(uuid4())
    for _ in range(2):
        assert write(rosa, inquiry, "Once", key=key).status_code == 302
    assert [body for _, body in said(inquiry)].count("Once") == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_are_one_message():
    inquiry, key = make_inquiry(), uuid4()
    sent = at_once(lambda: threads.send(inquiry=inquiry, by=inquiry.traveler, body="Hi", key=key).pk, times=4)
    assert len(set(sent)) == 1
    assert counts(inquiry) == (0, 2)


def test_other_words_from_a_form_sent_before_are_kept_and_can_be_sent(inquiry, rosa):
    key = str(uuid4())
    write(rosa, inquiry, "First", key=key)
    answer = write(rosa, inquiry, "Second", key=key)
    assert "A message from this form was sent before." in answer.content.decode()
    again = form_answers(answer.content.decode())
    assert again["body"] == ["Second"]
    rosa.post(
        inquiry.get_absolute_url(), {name: values[0] for name, values in again.items() if name != "attached"}
    )
    assert [body for _, body in said(inquiry)][1:] == ["First", "Second"]


@pytest.mark.parametrize("body", ["", "   ", "x" * 4001, "null\0byte"])
def test_what_cannot_be_sent_stays_in_the_form(inquiry, rosa, body):
    answer = write(rosa, inquiry, body)
    assert answer.context["form"]["body"].errors
    assert answer.context["form"]["body"].value() == body
    assert inquiry.messages.count() == 1


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in(inquiry):
    client = Client()
    url = write(client, inquiry, "A long <letter>").url
    back = client.post(url, {"login": inquiry.traveler.email, "password": PASSWORD}, follow=True)
    assert back.request["PATH_INFO"] == inquiry.get_absolute_url()
    assert back.context["form"]["body"].value() == "A long <letter>"
    write(client, inquiry, "A long <letter>")
    assert client.get(inquiry.get_absolute_url()).context["form"]["body"].value() is None


def test_what_was_typed_too_quickly_is_there_after_the_wait(inquiry, rosa, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message": "1/hour"}
    write(rosa, inquiry, "First")
    assert write(rosa, inquiry, "Second").status_code == 429
    assert rosa.get(inquiry.get_absolute_url()).context["form"]["body"].value() == "Second"


def test_html_in_a_message_is_text(inquiry, rosa, mei):
    write(mei, inquiry, "<b>bold</b> {{ 7|add:7 }}")
    shown = page(rosa, inquiry)
    assert "&lt;b&gt;bold&lt;/b&gt; {{ 7|add:7 }}" in shown
    assert "<b>bold" not in shown


# Unread counts and what htmx asks for


def test_opening_the_thread_reads_it_and_writing_does_not(inquiry, rosa, mei):
    write(rosa, inquiry, "Hello?")
    assert counts(inquiry) == (0, 2)
    mei.head(inquiry.get_absolute_url())
    assert counts(inquiry) == (0, 2)
    page(mei, inquiry)
    assert counts(inquiry) == (0, 0)
    write(mei, inquiry, "Here I am")
    assert counts(inquiry) == (1, 0)


def test_the_count_beside_the_menu_follows(inquiry, rosa, mei):
    url = reverse("inquiries:unread")
    assert "<b" not in rosa.get(url).content.decode()
    assert ">1<" in mei.get(url).content.decode()
    page(mei, inquiry)
    assert mei.get(url).content.decode().strip() == ""
    assert Client().get(url).status_code == 286


def test_an_open_page_gets_what_is_new_and_nothing_twice(inquiry, rosa, mei):
    last = inquiry.messages.latest("pk").pk
    url = reverse("inquiries:news", args=[inquiry.pk])
    assert rosa.get(url, {"after": last}).status_code == 204
    write(mei, inquiry, "Three gardens.")
    answer = rosa.get(url, {"after": last}).content.decode()
    assert "Three gardens." in answer
    assert "a garden?" not in answer
    assert counts(inquiry)[0] == 0
    newest = inquiry.messages.latest("pk").pk
    assert f"after={newest}" in answer
    assert rosa.get(url, {"after": newest}).status_code == 204


def test_the_writer_sees_that_it_was_read(inquiry, rosa, mei):
    assert "Seen" not in page(rosa, inquiry)
    page(mei, inquiry)
    assert "Seen" in page(rosa, inquiry)


def test_an_older_page_reads_nothing(inquiry, rosa, mei):
    for number in range(25):
        make_message(inquiry, "expert", f"line {number}")
    older = page(rosa, inquiry, before=inquiry.messages.order_by("pk")[3].pk)
    assert "line 0" in older
    assert counts(inquiry)[0] == 25
    assert 'id="news"' not in older


class Counts(TestCase):
    @given(st.lists(st.sampled_from(["traveler", "expert", "read traveler", "read expert"]), max_size=12))
    def test_unread_is_always_what_the_rows_say(self, acts):
        inquiry = make_inquiry(make_expert())
        for act in acts:
            verb, _, side = act.rpartition(" ")
            if verb:
                threads.mark_read(inquiry, side, inquiry.messages.latest("pk").pk)
            else:
                make_message(inquiry, side)
        inquiry.refresh_from_db()
        for side in ("traveler", "expert"):
            rows = inquiry.messages.exclude(side=side).filter(pk__gt=inquiry.read_by(side))
            assert inquiry.unread(side) == rows.count()
        assert inquiry.last_message == inquiry.messages.latest("pk")


def test_long_threads_come_in_pages_that_hold_everything_once(inquiry, rosa):
    for number in range(45):
        make_message(inquiry, "expert", f"line {number:02}")
    seen: list[str] = []
    query: dict[str, int] = {}
    for _ in range(3):
        response = rosa.get(inquiry.get_absolute_url(), query)
        items = response.context["page"].items
        seen = [message.body for message in items[::-1]] + seen
        query = {"before": items[-1].pk}
    assert seen == ["Do you know a garden?", *(f"line {number:02}" for number in range(45))]


# The inbox


def test_the_inbox_shows_the_latest_first_with_who_and_how_many(inquiry, rosa):
    second = make_inquiry(make_expert(name="Ken Ito"), inquiry.traveler)
    make_message(inquiry, "expert", "See you!")
    lines = rosa.get(reverse("inquiries:inbox")).context["lines"]
    assert [(line.name, line.words, line.unread) for line in lines] == [
        ("Mei Tanaka", "See you!", 1),
        ("Ken Ito", "Could you show us a garden?", 0),
    ]
    assert lines[1].inquiry == second


def test_an_expert_who_travels_switches_sides(inquiry, mei):
    make_inquiry(make_expert(name="Ken Ito"), inquiry.expert.user)
    inbox = reverse("inquiries:inbox")

    def names(**query):
        return [line.name for line in mei.get(inbox, query).context["lines"]]

    assert (names(), names(side="traveler"), names(side="expert")) == (
        ["Rosa Traveler"],
        ["Ken Ito"],
        ["Rosa Traveler"],
    )
    assert 'href="?side=expert"' in mei.get(inbox).content.decode()
    assert "side=expert" not in signed_in(inquiry.traveler).get(inbox).content.decode()


def test_the_inbox_pages_by_the_latest_message(rosa, inquiry):
    made = [make_inquiry(make_expert(), inquiry.traveler) for _ in range(22)]
    first = rosa.get(reverse("inquiries:inbox"))
    second = rosa.get(reverse("inquiries:inbox") + first.context["older_url"])
    shown = [line.inquiry for answer in (first, second) for line in answer.context["lines"]]
    assert shown == [*made[::-1], inquiry]


def test_the_live_part_of_the_inbox_is_the_list_alone(rosa):
    answer = rosa.get(reverse("inquiries:inbox"), headers={"hx-request": "true"}).content.decode()
    assert "Mei Tanaka" in answer
    assert "<html" not in answer


# Mails


def test_one_mail_until_it_was_read(inquiry, rosa, mei):
    due()
    assert [sent.to for sent in mail.outbox] == [[inquiry.expert.user.email]]
    for words in ("One more", "And another"):
        write(rosa, inquiry, words)
    due()
    assert len(mail.outbox) == 1
    page(mei, inquiry)
    write(rosa, inquiry, "You are there!")
    due()
    assert len(mail.outbox) == 2
    assert mail.outbox[1].subject == "Rosa Traveler wrote to you"
    assert f"http://localhost:8000{inquiry.get_absolute_url()}" in mail.outbox[1].body


def test_whoever_reads_along_gets_no_mail(inquiry, rosa, mei):
    due()
    page(mei, inquiry)
    write(rosa, inquiry, "Are you there?")
    assert run_jobs() == 0
    page(mei, inquiry)
    due()
    assert len(mail.outbox) == 1


def test_a_job_that_runs_twice_mails_once(inquiry):
    job = Job.objects.get()
    work(job)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, attempts=0, finished_at=None)
    work(Job.objects.get())
    assert len(mail.outbox) == 1


def test_a_mail_hides_what_the_page_hides(inquiry, rosa):
    due()
    threads.mark_read(inquiry, "expert", inquiry.messages.latest("pk").pk)
    write(rosa, inquiry, "I am rosa@example.com, call +81 90 1234 5678")
    due()
    body = mail.outbox[-1].body
    assert "I am [e-mail address hidden], call [phone number hidden]" in body


# Contact details


def test_contact_details_show_once_a_booking_is_confirmed(inquiry, rosa, mei):
    write(mei, inquiry, "Write to mei@example.org directly")
    hidden = page(rosa, inquiry)
    assert "mei@example.org" not in hidden + page(mei, inquiry)
    assert "Contact details are hidden until you two have a confirmed booking." in hidden
    inbox = reverse("inquiries:inbox")
    assert "mei@example.org" not in rosa.get(inbox).content.decode()
    assert Message.objects.latest("pk").body == "Write to mei@example.org directly"
    make_booking(inquiry.expert, inquiry.traveler, state="confirmed")
    for shown in (page(rosa, inquiry), page(mei, inquiry), rosa.get(inbox).content.decode()):
        assert "mei@example.org" in shown


@pytest.mark.parametrize("booking", ["cancelled", "of another traveler", "of another expert"])
def test_no_other_booking_shows_them(inquiry, rosa, booking):
    make_message(inquiry, "expert", "mei@example.org")
    expert = make_expert() if booking == "of another expert" else inquiry.expert
    traveler = make_user() if booking == "of another traveler" else inquiry.traveler
    make_booking(expert, traveler, state="cancelled" if booking == "cancelled" else "confirmed")
    assert "mei@example.org" not in page(rosa, inquiry)


def test_a_message_from_before_the_search_is_searched_when_it_is_shown(inquiry, rosa):
    Message.objects.update(contacts=None, body="mei@example.org")
    assert "mei@example.org" not in page(rosa, inquiry)


# Blocks and reports


@pytest.mark.parametrize("blocker", ["traveler", "expert"])
def test_after_a_block_neither_writes_until_it_is_lifted(inquiry, rosa, mei, blocker):
    by, other = (rosa, mei) if blocker == "traveler" else (mei, rosa)
    url = reverse("inquiries:block", args=[inquiry.pk])
    for _ in range(2):
        by.post(url, {"act": "block"})
    assert Block.objects.count() == 1
    for client, reason in ((by, "You have blocked"), (other, "has closed this conversation")):
        shown = page(client, inquiry)
        assert reason in shown
        assert 'name="body"' not in shown
        assert "Not sent" in write(client, inquiry, "Not sent").content.decode()
        assert (
            client.get(reverse("inquiries:offer", args=[inquiry.pk])).content.decode().count('name="price"')
            == 0
        )
    assert inquiry.messages.count() == 1
    other.post(url, {"act": "unblock"})  # not theirs to lift
    assert Block.objects.count() == 1
    by.post(url, {"act": "unblock"})
    assert write(other, inquiry, "Hello again").status_code == 302
    assert [event.action for event in audit.history(inquiry)][:2] == ["inquiry.unblock", "inquiry.block"]


@pytest.mark.parametrize("blocker", ["traveler", "expert"])
def test_a_block_closes_the_inquiry_form_too(inquiry, rosa, blocker):
    threads.block(inquiry=inquiry, by=inquiry.person(blocker))
    url = reverse("bookings:inquire", args=[inquiry.expert.slug])
    answer = rosa.post(url, {"message": "A new start?"}).content.decode()
    assert "You and Mei Tanaka can’t write to each other" in answer
    assert "A new start?" in answer
    assert Inquiry.objects.count() == 1
    assert "Your message" in signed_in(make_user()).get(url).content.decode()


def test_nobody_writes_to_a_closed_account(inquiry, rosa):
    User.objects.filter(pk=inquiry.expert.user_id).update(is_active=False)
    assert "nobody reads here any more" in page(rosa, inquiry)
    write(rosa, inquiry, "Are you there?")
    assert inquiry.messages.count() == 1


def test_nobody_writes_to_a_suspended_expert_or_to_themselves(inquiry, rosa, mei):
    Expert.objects.update(status="suspended")
    assert "suspended" in page(rosa, inquiry)
    with pytest.raises(DomainError):
        threads.send(inquiry=inquiry, by=inquiry.traveler, body="Hi", key=uuid4())
    Expert.objects.update(status="active")
    answer = mei.post(reverse("bookings:inquire", args=[inquiry.expert.slug]), {"message": "Hello me"})
    assert "your own profile" in answer.content.decode()


def test_a_report_reaches_staff_once(inquiry, rosa):
    message = make_message(inquiry, "expert", "Pay me in cash")
    url = reverse("inquiries:report", args=[inquiry.pk], query={"message": message.pk})
    assert "Pay me in cash" in rosa.get(url).content.decode()
    for _ in range(2):
        rosa.post(url, {"reason": "off_site", "text": "Asked twice."})
    report = Report.objects.get()
    assert (report.message, report.by, report.reason, report.state) == (
        message,
        inquiry.traveler,
        "off_site",
        "open",
    )
    assert [event.action for event in audit.history(report)] == ["report.made"]


def test_what_is_reported_later_reaches_staff_too(inquiry, rosa):
    url = reverse("inquiries:report", args=[inquiry.pk])
    for reason, words in (
        ("rude", "He was rude."),
        ("other", "He threatened me."),
        ("other", "He threatened me."),
    ):
        rosa.post(url, {"reason": reason, "text": words})
    first = Report.objects.get()
    assert first.text == "He was rude.\n\nsomething else: He threatened me."
    Report.objects.update(state="dismissed", decided_at=timezone.now())
    rosa.post(url, {"reason": "rude", "text": "He did it again."})
    assert list(Report.objects.order_by("pk").values_list("state", "text")) == [
        ("dismissed", first.text),
        ("open", "He did it again."),
    ]


def test_a_report_names_messages_of_the_other_side_in_this_thread_alone(inquiry, rosa):
    foreign = make_message(make_inquiry(), "expert", "Secret of others")
    own = inquiry.messages.get()
    for pk in (foreign.pk, own.pk, "x", "9" * 30):
        url = reverse("inquiries:report", args=[inquiry.pk], query={"message": pk})
        assert "Secret of others" not in rosa.get(url).content.decode()
        rosa.post(url, {"reason": "rude"})
    assert Report.objects.get().message is None


def test_a_report_without_a_reason_keeps_its_words(inquiry, rosa):
    answer = rosa.post(reverse("inquiries:report", args=[inquiry.pk]), {"text": "It was rude"})
    assert list(answer.context["form"].errors) == ["reason"]
    assert "It was rude" in answer.content.decode()


def reviewer():
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewer"))
    return user


def reported(inquiry, by=None):
    return threads.report(
        inquiry=inquiry, message=None, by=by or inquiry.traveler, reason="spam", text="So much."
    )


def test_a_report_is_decided_once_with_a_reason(inquiry):
    staff, report = reviewer(), reported(inquiry)
    with pytest.raises(DomainError, match="Say what was decided"):
        threads.decide(report=report, to="upheld", by=staff, outcome=" ")
    threads.decide(report=report, to="upheld", by=staff, outcome="Warned.")
    with pytest.raises(IllegalMove):
        threads.decide(report=report, to="dismissed", by=staff, outcome="Changed my mind.")
    report.refresh_from_db()
    assert (report.state, report.decided_by, report.outcome) == ("upheld", staff, "Warned.")


@pytest.mark.parametrize("to", ["upheld", "dismissed"])
def test_whoever_reported_hears_of_the_outcome_and_nobody_else(inquiry, to):
    report = reported(inquiry, by=inquiry.expert.user)
    Notice.objects.all().delete()
    threads.decide(report=report, to=to, by=reviewer(), outcome="We have talked to them.")
    told = Notice.objects.get()
    assert (told.user, told.kind, told.url) == (
        inquiry.expert.user,
        "report.decided",
        inquiry.get_absolute_url(),
    )
    mail.outbox.clear()
    run_jobs()
    sent = next(one for one in mail.outbox if "report" in one.subject)
    assert sent.subject == f"Your report about {inquiry.traveler.name} is decided"
    assert "We have talked to them." in sent.body
    assert ("agrees with you" in sent.body) is (to == "upheld")


def test_staff_without_the_permission_and_people_of_the_thread_decide_no_report(inquiry):
    report = reported(inquiry)
    insiders = [inquiry.traveler, inquiry.expert.user]
    for user in insiders:
        user.groups.add(Group.objects.get(name="Reviewer"))
    for by in (*insiders, make_user(is_staff=True)):
        with pytest.raises(PermissionDenied):
            threads.decide(report=report, to="upheld", by=by, outcome="So be it.")
    report.refresh_from_db()
    assert report.state == "open"


# Costs


@pytest.mark.parametrize("size", [1, 12])
def test_pages_cost_the_same_for_few_and_many(inquiry, rosa, size, django_assert_max_num_queries):
    for _ in range(size):
        file = SimpleUploadedFile("a.txt", b"text")
        threads.send(inquiry=inquiry, by=inquiry.traveler, body="Hi", key=uuid4(), files=[file])
        make_inquiry(make_expert(), inquiry.traveler, trip=make_trip(traveler=inquiry.traveler))
    make_offer(inquiry)
    assert Attachment.objects.count() == size
    with django_assert_max_num_queries(8):
        page(rosa, inquiry)
    with django_assert_max_num_queries(6):  # one of them asks whether the open offer is still free
        page(rosa, inquiry)
    with django_assert_max_num_queries(4):
        rosa.get(reverse("inquiries:inbox"))
    with django_assert_max_num_queries(3):
        rosa.get(reverse("inquiries:unread"))
