"""What staff see and press on the page about language models."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from jobs.models import Job
from llm import circuit, door, switches
from llm.errors import FailureKind
from llm.models import Call, CallText, Switch
from tests.admin.rows import make_call
from tests.factories import make_user
from tests.llm import questions
from tests.llm.questions import Facts
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
OVERVIEW = "admin:llm_call_overview"
ROUTE = "xai/grok-4.3"


def press(client: Client, button: str, **data: str):
    return client.post(reverse(f"admin:llm_call_{button}"), data, follow=True)


def page(client: Client) -> str:
    return " ".join(client.get(reverse(OVERVIEW)).content.decode().split())


def test_spending_is_shown_against_the_budget(operator, one_route):
    one_route.say("Hi.", ticks=12_500_000_000)
    door.ask(questions.text(), Facts())
    assert "$1.25" in page(operator)
    assert "of $500; $0 reserved" in page(operator)


def test_charts_hold_every_day_and_the_dearest_first(operator):
    user = make_user()
    make_call(user, charged_ticks=3 * 10**10)
    make_call(user, charged_ticks=10**10, purpose="trends")
    make_call(None, charged_ticks=10**10, started_at=timezone.now() - timedelta(days=40))
    charts = dict(operator.get(reverse(OVERVIEW)).context["charts"])
    assert [(bar.label, bar.cost, bar.share) for bar in charts["By purpose"]] == [
        ("drafting", "$3", 100),
        ("trends", "$1", 33),
    ]
    assert [bar.calls for bar in charts["By day"]] == [0] * 13 + [2]
    assert charts["By user"][0].label == user.email


def test_the_hit_rate_counts_kept_answers(operator, one_route, settings):
    settings.LLM_PURPOSES = settings.LLM_PURPOSES | {"drafting": 60}
    for _ in range(4):
        door.ask(questions.text(), Facts())
    assert "75 %" in page(operator)


def test_a_route_is_tested_in_the_background(operator, one_route):
    press(operator, "test_route", route=ROUTE)
    assert one_route.requests == []
    run_jobs()
    assert Call.objects.get().purpose == "route_test"
    assert f"{Call.objects.get().duration_ms} ms" in page(operator)


def test_a_route_that_fails_its_test_says_how(operator, one_route):
    one_route.fail(401)
    press(operator, "test_route", route=ROUTE)
    run_jobs()
    assert Call.objects.get().error in page(operator)
    assert Job.objects.get().state == Job.State.DONE


def test_a_resting_route_is_seen_and_woken(operator, one_route):
    for _ in range(circuit.FAULTS):
        circuit.failed(ROUTE, FailureKind.SERVER_ERROR)
    assert "server_error" in page(operator)
    press(operator, "close_circuit", route=ROUTE)
    assert circuit.resting([ROUTE]) == {}


def test_a_purpose_is_turned_off_with_a_reason_and_a_trace(operator, one_route):
    press(operator, "switch", purpose="drafting", on="0", reason="Too dear")
    switches.forget()
    assert not switches.enabled("drafting")
    assert "Too dear" in page(operator)
    event = AuditEvent.objects.get(action="llm.switch")
    assert (event.actor, event.detail) == (
        User.objects.get(name="Operator"),
        {"purpose": "drafting", "on": False, "reason": "Too dear"},
    )
    press(operator, "switch", purpose="drafting", on="1")
    assert Switch.objects.get().enabled


def test_kept_answers_are_forgotten(operator, one_route, settings):
    settings.LLM_PURPOSES = settings.LLM_PURPOSES | {"drafting": 60}
    door.ask(questions.text(), Facts())
    press(operator, "forget", purpose="drafting")
    assert door.ask(questions.text(), Facts()).origin == "model"


@pytest.mark.parametrize(
    ("button", "data"),
    [
        ("test_route", {"route": "evil/model"}),
        ("close_circuit", {"route": ""}),
        ("switch", {"purpose": "nothing"}),
        ("forget", {}),
    ],
)
def test_what_does_not_exist_cannot_be_pressed(operator, one_route, button, data):
    assert press(operator, button, **data).status_code == 403
    assert not Job.objects.exists()


def test_analysts_see_sums_and_no_texts(analyst):
    call = make_call(make_user())
    CallText.objects.filter(pk=call.pk).update(answer="A very private answer.")
    assert analyst.get(reverse(OVERVIEW)).status_code == 200
    shown = analyst.get(reverse("admin:llm_call_change", args=[call.pk])).content.decode()
    assert "A very private answer." not in shown
    assert "Your role does not read the texts of calls." in shown


def test_operators_read_texts_and_the_other_attempts(operator):
    user = make_user()
    call = make_call(user)
    failed = {"state": "failed", "outcome": "timeout", "usage_state": "missing", "computed_ticks": None}
    other = make_call(user, ask_id=call.ask_id, attempt=2, input_tokens=None, output_tokens=None, **failed)
    shown = operator.get(reverse("admin:llm_call_change", args=[call.pk])).content.decode()
    assert "I cook." in shown
    assert reverse("admin:llm_call_change", args=[other.pk]) in shown


def test_without_a_provider_the_page_says_who_serves(operator):
    assert "the offline writers serve" in page(operator)


def test_while_redis_is_away_the_page_opens(operator, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "Redis does not answer" in page(operator)
