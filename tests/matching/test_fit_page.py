"""The expert's page: whose it is, what it says in each state, and what can be said back."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experts.models import Expert
from jobs.models import Job
from matching import feedback, fit, runs, services
from matching.models import ExpertFit, Factor, Feedback, MatchScore
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
URL = "/expert/fit/"
REPORT = "/expert/fit/report/"


@pytest.fixture
def kyoto():
    return make_market()


@pytest.fixture
def mei(client, kyoto):
    mei = make_expert(kyoto, response_hours=30)
    client.force_login(mei.user)
    return mei


def matched(trip):
    run = services.request_match(trip)
    run.trip = trip
    runs.store(run, runs.compute(run))
    return run


def score_for(expert, **fields):
    return matched(make_trip(expert.market, **fields)).scores.get(expert=expert)


def worked_out(expert, **ago):
    fit.store(expert, fit.report(expert))
    ExpertFit.objects.filter(expert=expert).update(computed_at=timezone.now() - timedelta(**ago))


def page(client):
    return client.get(URL).content.decode()


def say(client, score, **answers):
    answers = {"factor": "trust", "text": "I was verified in May."} | answers
    return client.post(reverse("matching:fit_feedback", args=[score.pk]), answers)


# The way of a report


def test_the_first_visit_asks_for_a_report_and_the_next_shows_it(client, mei):
    score_for(mei)
    assert f'hx-get="{REPORT}?since="' in page(client)
    run_jobs()
    html = page(client)
    assert "hx-get" not in html.split('id="fit"')[1]
    for text in ("In the list of the last trip", "Shown at position 1", "Answer within 4 hours", "of 1 list"):
        assert text in html


def test_a_double_click_costs_one_job(client, mei):
    page(client)
    page(client)
    assert Job.objects.filter(kind="matching.tasks.fit_expert").count() == 1


def test_a_report_of_this_hour_is_not_asked_for_again(client, mei):
    worked_out(mei, minutes=59)
    assert "hx-get" not in page(client).split('id="fit"')[1]
    assert not Job.objects.exists()


def test_an_older_one_stays_on_the_page_while_a_fresh_one_is_made(client, mei):
    score_for(mei)
    worked_out(mei, hours=3)
    html = page(client)
    assert "3\xa0hours old" in html
    assert "Shown at position 1" in html
    assert Job.objects.filter(kind="matching.tasks.fit_expert").count() == 1


def test_the_poll_answers_only_once_there_is_something_new(client, mei):
    since = page(client).split("?since=")[1].split('"')[0]
    assert client.get(REPORT, {"since": since}).status_code == 204
    run_jobs()
    answer = client.get(REPORT, {"since": since}, headers={"HX-Request": "true"})
    assert 'id="fit"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    version = answer.context["version"]
    assert client.get(REPORT, {"since": version}).status_code == 204


def test_an_expert_who_left_meanwhile_ends_the_job_quietly(mei):
    services.request_fit(mei)
    mei.delete()
    assert run_jobs() == 1
    assert not ExpertFit.objects.exists()


@pytest.mark.parametrize("lists", [0, 1, 6])
@pytest.mark.parametrize("age", [None, 1, 90])
def test_the_page_takes_eight_queries_at_most(client, mei, lists, age, django_assert_max_num_queries):
    for _ in range(lists):
        score_for(mei)
    if age:
        worked_out(mei, minutes=age)
    with django_assert_max_num_queries(8):
        page(client)


# Whose it is


def test_a_visitor_is_asked_to_sign_in(client):
    for url in (URL, REPORT, "/expert/fit/1/"):
        assert client.get(url).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("staff", [False, True])
def test_who_is_no_expert_is_told_so(client, staff):
    client.force_login(make_user(is_staff=staff, is_superuser=staff))
    answer = client.get(URL)
    assert answer.status_code == 404
    assert "This page is for local experts" in answer.content.decode()
    assert client.get(REPORT).status_code == 404
    assert not Job.objects.exists()


def test_nobody_opens_the_score_of_another(mei):
    score = score_for(mei, traveler=make_user())
    strangers = [make_user(), make_expert(mei.market).user, make_user(is_staff=True, is_superuser=True)]
    for user in [*strangers, score.run.trip.traveler]:
        client = Client()
        client.force_login(user)
        assert client.get(f"/expert/fit/{score.pk}/").status_code == 404
        assert say(client, score).status_code == 404
    assert not Feedback.objects.exists()


def test_a_report_with_the_score_of_another_does_not_show_it(client, mei):
    other = make_expert(mei.market, name="Ken Mori")
    score = score_for(mei)
    theirs = MatchScore.objects.get(expert=other)
    fit.store(mei, fit.report(mei) | {"latest": [score.pk, theirs.pk]})
    assert [one.score for one in client.get(URL).context["listed"]] == [score]


def test_the_page_tells_nothing_of_travelers_and_other_experts(client, mei):
    for n in range(6):
        make_expert(mei.market, name=f"Rival Number {n}", slug=f"rival-{n}")
    rosa = make_user("Rosa Traveler", email="rosa@example.com")
    score_for(mei, traveler=rosa, brief="a quiet proposal", must_haves="a ring")
    worked_out(mei, minutes=1)
    html = page(client)
    for secret in ("Rival", "rival", "Rosa", "rosa@", "proposal", "a ring"):
        assert secret not in html
    assert html.count("bar-mark") == len(Factor)


def test_figures_of_few_others_are_withheld_in_words(client, mei):
    make_expert(mei.market)
    score_for(mei)
    worked_out(mei, minutes=1)
    html = page(client)
    assert "The average of others is withheld" in html
    assert "among the first five is withheld" in html
    assert "bar-mark" not in html


def test_the_account_menu_leads_experts_there_and_nobody_else(client, mei):
    assert client.get("/").content.decode().count(f'href="{URL}"') == 1
    client.force_login(make_user())
    assert f'href="{URL}"' not in client.get("/").content.decode()


# Empty states


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "As soon as a traveler describes a trip to Kyoto"),
        ({"accepting_clients": False}, "You take no clients at the moment"),
        ({"status": Expert.Status.DRAFT}, "Your application is a draft"),
        ({"status": Expert.Status.SUBMITTED}, "Your application is with our staff"),
        ({"status": Expert.Status.PAUSED}, "You are paused"),
        ({"status": Expert.Status.SUSPENDED}, "You are suspended"),
    ],
)
def test_an_expert_without_lists_reads_what_to_do(client, mei, fields, text):
    Expert.objects.update(**fields)
    worked_out(mei, minutes=1)
    html = page(client)
    assert "You are on no list yet" in html
    assert text in html
    assert ("See your public page" in html) is (not fields)


def test_a_paused_expert_still_sees_past_lists(client, mei):
    score_for(mei)
    worked_out(mei, minutes=1)
    Expert.objects.update(status=Expert.Status.PAUSED)
    html = page(client)
    assert "You are paused" in html
    assert "Shown at position 1" in html


def test_a_list_whose_trip_is_gone_is_gone_from_the_page(client, mei):
    score = score_for(mei)
    worked_out(mei, minutes=1)
    score.run.trip.delete()
    assert client.get(URL).context["listed"] == []


# Saying what is wrong


def test_what_an_expert_says_is_kept_and_said_again_replaced(client, mei):
    score = score_for(mei)
    assert say(client, score).url == URL
    say(client, score, text="Since April, in fact.")
    said = Feedback.objects.get()
    assert (said.score, said.side, said.factor) == (score, Feedback.Side.EXPERT, Factor.TRUST)
    assert (said.text, said.author) == ("Since April, in fact.", mei.user)
    assert "Since April" in client.get(f"/expert/fit/{score.pk}/").content.decode()


def test_the_sides_do_not_replace_each_other(mei):
    score = score_for(mei)
    for side in Feedback.Side.values:
        feedback.say(by=None, score=score, side=side, factor="trust", text=side)
    assert Feedback.objects.count() == 2


@pytest.mark.parametrize(
    "answers",
    [{"factor": ""}, {"factor": "payment"}, {"text": " "}, {"text": "x" * 1001}, {"text": "nul \0"}],
    ids=["no factor", "odd factor", "no text", "long", "nul"],
)
def test_an_answer_that_does_not_do_is_kept_in_the_form(client, mei, answers):
    answer = say(client, score_for(mei), **answers)
    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.content.decode()
    typed = {"factor": "trust", "text": "I was verified in May."} | answers
    assert {name: answer.context["form"][name].value() for name in typed} == typed
    assert not Feedback.objects.exists()


def test_what_is_said_is_never_markup(client, mei):
    score = score_for(mei)
    say(client, score, text="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(f"/expert/fit/{score.pk}/").content.decode()


def test_nobody_talks_without_end(client, mei, settings):
    settings.RATE_LIMITS = configured.RATE_LIMITS | {"feedback": "2/hour"}
    score = score_for(mei)
    assert [say(client, score).status_code for _ in range(3)] == [302, 302, 429]


def test_another_site_says_nothing_for_the_expert(mei):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mei.user)
    assert say(client, score_for(mei)).status_code == 403


@pytest.mark.parametrize("odd", ["\0", "9" * 30, "-1", "<b>", "🎏"])
def test_odd_queries_break_no_page(client, mei, odd):
    worked_out(mei, minutes=1)
    for url in (URL, REPORT, f"/expert/fit/{score_for(mei).pk}/"):
        assert client.get(url, {"since": odd, "factor": odd}).status_code == 200
    assert client.get("/expert/fit/99999999999999999999/").status_code == 404
