"""Mail by a real server on loopback: what arrives there, and what becomes of a mail that it does not take."""

import re
import socket

import pytest
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.urls import reverse

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import NoticeMail
from accounts.notices import posting
from accounts.notices.telling import tell
from jobs import services
from jobs.errors import failure_of
from jobs.models import Effect, Job
from tests.factories import make_user
from tests.worker import run_jobs, work

pytestmark = pytest.mark.django_db

State = NoticeMail.State


def told(user=None, key="1", **facts):
    facts = {"who": "Jürgen Groß", "text": "Grüße & <b>Küsse</b>\n.\nfrom Kyoto 🎏"} | facts
    tell(user=user or make_user("Rosa"), kind="inquiry.message", key=key, facts=facts, url="/inquiries/1/")
    return NoticeMail.objects.latest("pk")


def try_once():
    """One attempt, and no waiting for the next one."""
    job = Job.objects.get()
    failure = failure_of(lambda: work(job))
    Job.objects.filter(state="queued").update(run_after=Now())
    return type(failure).__name__ if failure else ""


def until_dead():
    outcomes = []
    while Job.objects.filter(state="queued").exists():
        outcomes.append(try_once())
    return outcomes


def failed(server):
    """A mail that came back for good; the server takes the next."""
    mail = told()
    server.answers = {"RCPT": "550 no such user"}
    until_dead()
    server.answers = {}
    return mail


def test_a_mail_arrives_as_text_and_html_with_its_way_out(server):
    user = make_user("Rosa", email="rosa@example.com")
    told(user)
    run_jobs()
    (letter,) = server.inbox
    assert (letter["To"], letter["Subject"]) == ("rosa@example.com", "Jürgen Groß wrote to you")
    text, html = (letter.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert "Grüße & <b>Küsse</b>\n.\nfrom Kyoto 🎏" in text.replace("\r\n", "\n")
    assert "Grüße &amp; &lt;b&gt;Küsse&lt;/b&gt;" in html
    assert "prefers-color-scheme: dark" in html
    link = "http://localhost:8000/inquiries/1/"
    assert (link in text, link in html) == (True, True)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_the_button_of_the_mail_program_works_without_signing_in(server, client):
    user = make_user()
    told(user)
    run_jobs()
    link = server.inbox[0]["List-Unsubscribe"].strip()
    (address,) = re.findall(r"^<http://localhost:8000(/notices/unsubscribe/\S+)>$", link)
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    tell(user=user, kind="inquiry.message", key="2", facts={})
    run_jobs()
    assert len(server.inbox) == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"DATA": "451 later"}, "Retryable"),
        ({"RCPT": "450 full"}, "Retryable"),
        ({"MAIL": "421 busy"}, "Retryable"),
    ],
)
def test_what_the_server_does_not_take_now_it_gets_later(server, answers, outcome):
    mail = told()
    server.answers = answers
    assert try_once() == outcome
    mail.refresh_from_db()
    assert (mail.state, answers[next(iter(answers))][4:] in mail.error) == (State.DUE, True)
    server.answers = {}
    assert until_dead() == [""]
    mail.refresh_from_db()
    assert (len(server.inbox), mail.state, mail.error) == (1, State.SENT, "")


def test_an_address_that_does_not_exist_is_not_tried_again(server):
    mail = told()
    server.answers = {"RCPT": "550 no such user"}
    assert until_dead() == ["Permanent"]
    mail.refresh_from_db()
    assert (mail.state, "no such user" in mail.error) == (State.FAILED, True)


def dead_server(settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = unused.getsockname()[1]


def test_a_server_that_stays_dead_leaves_the_mail_to_staff_who_send_it_again(server, settings, client):
    mail = told()
    alive = settings.EMAIL_PORT
    dead_server(settings)
    assert until_dead() == ["Retryable"] * 12
    mail.refresh_from_db()
    assert (mail.state, Job.objects.get().state) == (State.FAILED, Job.State.DEAD)
    assert "ConnectionRefusedError" in mail.error or "refused" in mail.error
    settings.EMAIL_PORT = alive
    client.force_login(operator := in_role("Operator"))
    assert "refused" in client.get(changelist(), {"state__exact": "failed"}).content.decode()
    page = press_send_again(client, mail)
    assert "1 mail goes out again." in page
    run_jobs()
    mail.refresh_from_db()
    assert (len(server.inbox), mail.state, mail.error) == (1, State.SENT, "")
    assert [(event.action, event.actor) for event in audit.history(mail)] == [
        ("notice_mail.send_again", operator)
    ]


def test_a_server_that_hangs_up_after_the_letter_is_not_asked_again_but_by_staff(server):
    mail, staff = told(), make_user()
    server.answers = {".": ""}
    assert until_dead() == ["OutcomeUnknown"]
    mail.refresh_from_db()
    assert (mail.state, Effect.objects.get().state) == (State.FAILED, Effect.State.UNKNOWN)
    server.answers = {}
    posting.send_again(mail, by=staff)
    run_jobs()
    mail.refresh_from_db()
    assert (len(server.inbox), mail.state) == (1, State.SENT)


def test_pressed_twice_it_is_sent_once(server, client):
    mail = failed(server)
    client.force_login(in_role("Operator"))
    press_send_again(client, mail)
    assert "0 mails go out again." in press_send_again(client, mail)
    run_jobs()
    assert len(server.inbox) == 1


@pytest.mark.parametrize("state", [State.DUE, State.SENT, State.DROPPED])
def test_what_has_not_failed_is_not_sent_again(server, state):
    mail = told()
    NoticeMail.objects.update(state=state, sent_at="2027-01-01T00:00Z" if state == State.SENT else None)
    with pytest.raises(IllegalMove):
        posting.send_again(mail, by=make_user())


def test_a_dead_letter_that_is_replayed_among_the_jobs_is_the_same_mail(server):
    mail = failed(server)
    services.replay(Job.objects.get(), by=make_user())
    run_jobs()
    mail.refresh_from_db()
    assert (len(server.inbox), mail.state) == (1, State.SENT)


@pytest.mark.parametrize(("role", "may"), [("Operator", True), ("Analyst", False), ("Reviewer", False)])
def test_only_operators_send_again(server, client, role, may):
    mail = failed(server)
    client.force_login(in_role(role))
    press_send_again(client, mail)
    mail.refresh_from_db()
    assert (mail.state == State.DUE) is may


def test_a_failed_mail_is_sent_again_from_its_own_page_and_once(server, client):
    mail = failed(server)
    client.force_login(in_role("Operator"))
    assert again(mail) in client.get(page_of(mail)).text
    assert "once more" in client.get(again(mail)).text
    assert "The mail goes out again." in client.post(again(mail), follow=True).text
    assert "by now, so it can&#x27;t become" in client.post(again(mail), follow=True).text
    run_jobs()
    assert len(server.inbox) == 1
    assert again(mail) not in client.get(page_of(mail)).text


def test_who_may_not_send_again_finds_no_button_and_is_refused(server, client):
    mail = told()
    NoticeMail.objects.update(state=State.FAILED, error="The server is away.")
    client.force_login(in_role("Analyst"))
    assert again(mail) not in client.get(page_of(mail)).text
    assert client.post(again(mail)).status_code == 403
    mail.refresh_from_db()
    assert mail.state == State.FAILED


def test_staff_see_what_a_mail_is_about_and_not_what_it_says(server, client):
    mail = told(text="A secret plan")
    client.force_login(in_role("Operator"))
    for page in (changelist(), page_of(mail)):
        html = client.get(page).content.decode()
        assert ("A message for you" in html, "A secret plan" in html) == (True, False)


def changelist():
    return reverse("admin:accounts_noticemail_changelist")


def page_of(mail):
    return reverse("admin:accounts_noticemail_change", args=[mail.pk])


def again(mail):
    return reverse("admin:accounts_noticemail_send_this_again", args=[mail.pk])


def press_send_again(client, mail):
    form = {"action": "send_again", "_selected_action": [mail.pk]}
    return client.post(changelist(), form, follow=True).content.decode()


def in_role(name):
    user = make_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user
