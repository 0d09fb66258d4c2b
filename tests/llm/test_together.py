"""Many askers at once, and askers that die."""

import os
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from llm import admission, door, upkeep
from llm.models import Call
from tests.factories import make_user
from tests.llm import questions
from tests.llm.questions import Facts
from tests.processes import FORK
from tests.provider import Reply
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(ask):
    try:
        return ask().origin
    except door.LLMError as error:
        return type(error).__name__


def test_never_more_in_flight_than_allowed(one_route, settings):
    settings.LLM_IN_FLIGHT = 5
    one_route.otherwise = Reply(latency=1.0)
    ends = Counter(at_once(lambda: outcome(lambda: door.ask(questions.text(), Facts())), 20))
    assert (ends["model"], ends["LimitReached"]) == (5, 15)
    assert one_route.most_at_once == 5


def test_a_user_is_never_served_more_than_their_share(one_route, settings):
    settings.LLM_ALLOWANCES = settings.LLM_ALLOWANCES | {"user": (7, 100)}
    user = make_user()
    ends = Counter(at_once(lambda: outcome(lambda: door.ask(questions.text(), Facts(), user=user)), 20))
    assert (ends["model"], ends["LimitReached"]) == (7, 13)
    assert len(one_route.requests) == 7


def test_one_asks_and_the_others_wait_for_the_answer(one_route, settings):
    settings.LLM_PURPOSES = settings.LLM_PURPOSES | {"drafting": 60}
    one_route.otherwise = Reply(latency=0.5)
    ends = Counter(at_once(lambda: outcome(lambda: door.ask(questions.text(), Facts())), 8))
    assert ends == {"model": 1, "cache": 7}
    assert len(one_route.requests) == 1


def test_when_the_one_fails_another_asks(one_route, settings):
    settings.LLM_PURPOSES = settings.LLM_PURPOSES | {"drafting": 60}
    one_route.fail(400, latency=0.3)
    ends = Counter(at_once(lambda: outcome(lambda: door.ask(questions.text(), Facts())), 4))
    assert ends == {"ProviderFailed": 1, "model": 1, "cache": 2}


def test_books_and_ledger_agree_after_a_crowd(one_route):
    one_route.otherwise = Reply()
    for _ in range(3):
        one_route.fail(400)
    at_once(lambda: outcome(lambda: door.ask(questions.text(), Facts())), 12)
    books = admission.today()
    assert (books.reserved, books.in_flight) == (0, 0)
    assert books.spent == sum(Call.objects.values_list("charged_ticks", flat=True)) > 0


def test_nobody_asks_within_a_transaction_that_could_take_the_row_back(one_route):
    with pytest.raises(RuntimeError), transaction.atomic():
        door.ask(questions.text(), Facts())
    assert one_route.requests == []
    assert admission.today().in_flight == 0


def test_the_books_of_a_question_take_two_statements(one_route, django_assert_num_queries):
    door.ask(questions.text(), Facts(), user=(user := make_user()))
    with django_assert_num_queries(2):
        door.ask(questions.text(), Facts(), user=user, about=[user])


def ask_and_hang():
    door.ask(questions.text(), Facts())


def test_a_killed_worker_leaves_an_abandoned_row_a_free_slot_and_settled_books(one_route, monkeypatch):
    one_route.hang()
    connection.close()  # a fork must not share it
    worker = FORK.Process(target=ask_and_hang)
    worker.start()
    while not one_route.requests:
        time.sleep(0.01)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert admission.today().in_flight == 1

    monkeypatch.setattr(admission, "clock_offset_ms", 60_000)
    Call.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert upkeep.give_up_dead_calls() == 1
    call = Call.objects.get()
    assert (call.state, call.usage_state, call.cost) == ("abandoned", "missing", None)
    books = admission.today()
    assert (books.in_flight, books.reserved, books.spent) == (0, 0, call.charged_ticks)
