"""From the request for a ranking to the stored one, whatever happens meanwhile."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs.models import Job
from matching import runs, services, tasks
from matching.models import MatchReceipt, MatchRun, MatchScore
from tests.factories import make_expert, make_market, make_run, make_trip
from tests.threads import at_once
from tests.worker import run_jobs, work
from travelers.models import Trip

pytestmark = pytest.mark.django_db

State = MatchRun.State
LEGAL = {(start, end) for end, starts in MatchRun.MOVES.items() for start in starts}


@pytest.fixture
def kyoto():
    return make_market()


def while_ranking(monkeypatch, happens):
    """Let something happen after the ranking was computed and before it is stored, the first time."""
    compute, pending = runs.compute, [happens]

    def interrupted(run):
        outcome = compute(run)
        if pending:
            pending.pop()()
        return outcome

    monkeypatch.setattr(runs, "compute", interrupted)


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("end", [State.DONE, State.FAILED, State.STALE])
def test_a_run_moves_where_its_state_leads_and_nowhere_else(start, end):
    run = make_run(state=start)
    assert run.move(end, shown=3) == ((start, end) in LEGAL)
    run.refresh_from_db()
    assert (run.state, run.shown) == ((end, 3) if (start, end) in LEGAL else (start, 0))


def test_a_run_is_queued_by_being_made_alone():
    assert State.QUEUED not in MatchRun.MOVES
    assert {(State.STALE, end) for end in State}.isdisjoint(LEGAL)


def test_a_move_counts_on_the_row_not_on_the_copy_in_hand():
    run = make_run()
    copy = MatchRun.objects.get()
    assert run.move(State.STALE)
    assert not copy.move(State.DONE)


def test_a_second_request_replaces_a_finished_list(kyoto):
    make_expert(kyoto)
    trip = make_trip(kyoto)
    first = services.request_match(trip)
    run_jobs()
    second = services.request_match(trip)
    run_jobs()
    assert list(trip.runs.current()) == [second]
    first.refresh_from_db()
    assert (first.state, first.scores.count()) == (State.STALE, 1)


def test_each_request_has_a_job_of_its_own(kyoto):
    trip = make_trip(kyoto)
    wanted = [services.request_match(trip).pk for _ in range(2)]
    assert [job.args["run_id"] for job in Job.objects.order_by("pk")] == wanted


def test_a_request_of_a_transaction_that_fails_leaves_nothing(kyoto):
    trip = make_trip(kyoto)
    with transaction.atomic():
        services.request_match(trip)
        transaction.set_rollback(True)
    assert (MatchRun.objects.count(), Job.objects.count()) == (0, 0)


def test_a_trip_deleted_while_it_waited_ends_quietly(kyoto):
    trip = make_trip(kyoto)
    services.request_match(trip)
    trip.delete()
    job = Job.objects.get()
    work(job)
    assert (job.state, job.attempts, job.last_error) == (Job.State.DONE, 1, "")


def test_a_trip_deleted_while_it_was_ranked_ends_quietly(kyoto, monkeypatch):
    make_expert(kyoto)
    trip = make_trip(kyoto)
    services.request_match(trip)
    while_ranking(monkeypatch, trip.delete)
    job = Job.objects.get()
    work(job)
    assert (job.state, MatchScore.objects.count()) == (Job.State.DONE, 0)


def test_a_run_replaced_before_its_turn_is_not_ranked(kyoto, monkeypatch):
    trip = make_trip(kyoto)
    services.request_match(trip)
    services.request_match(trip)
    ranked: list[int] = []
    compute = runs.compute

    def noted(run):
        ranked.append(run.pk)
        return compute(run)

    monkeypatch.setattr(runs, "compute", noted)
    assert run_jobs() == 2
    assert ranked == [trip.runs.current().get().pk]


def test_giving_up_on_a_run_that_is_gone_is_no_error():
    tasks.run_failed(run_id=10**9)
    assert not MatchRun.objects.exists()


def test_a_failure_is_tried_again_and_the_traveler_told_in_the_end(kyoto, monkeypatch):
    run = services.request_match(make_trip(kyoto))
    monkeypatch.setattr(runs, "compute", lambda run: 1 / 0)
    job, states = Job.objects.get(), []
    for _ in range(job.max_attempts):
        Job.objects.update(run_after=Now())
        with pytest.raises(ZeroDivisionError):
            work(job)
        run.refresh_from_db()
        states.append(run.state)
    job.refresh_from_db()
    assert states == [State.QUEUED] * (job.max_attempts - 1) + [State.FAILED]
    assert job.state == Job.State.DEAD


def test_a_replayed_dead_letter_still_makes_the_list(kyoto):
    make_expert(kyoto)
    run = services.request_match(make_trip(kyoto))
    run.move(State.FAILED)
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.shown) == (State.DONE, 1)


def test_a_market_without_experts_makes_an_empty_list(kyoto):
    run = services.request_match(make_trip(kyoto))
    run_jobs()
    run.refresh_from_db()
    assert (run.state, run.candidates, run.shown, MatchReceipt.objects.count()) == (State.DONE, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_an_expert_deleted_while_ranked_costs_one_more_attempt(kyoto, monkeypatch):
    leaving, staying = make_expert(kyoto), make_expert(kyoto)
    services.request_match(make_trip(kyoto))
    while_ranking(monkeypatch, leaving.delete)
    job = Job.objects.get()
    with pytest.raises(IntegrityError):
        work(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, MatchScore.objects.count()) == (Job.State.QUEUED, 1, 0)
    Job.objects.update(run_after=Now())
    work(job)
    assert (job.state, MatchScore.objects.get().expert) == (Job.State.DONE, staying)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_moment_end_with_one_current_run(kyoto):
    trip = make_trip(kyoto)
    made = at_once(lambda: services.request_match(Trip.objects.get(pk=trip.pk)).pk)
    states = list(trip.runs.values_list("state", flat=True))
    assert sorted(made) == sorted(trip.runs.values_list("pk", flat=True))
    assert (states.count("queued"), states.count("stale")) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_run_store_one_list(kyoto):
    make_expert(kyoto)
    run = services.request_match(make_trip(kyoto))
    job = Job.objects.get()
    at_once(lambda: tasks.match_trip(job.pk), times=2)
    assert list(run.scores.values_list("rank", flat=True)) == [1]
