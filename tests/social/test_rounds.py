"""Rounds: due when they should be, once each, made up for once, and within a budget."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.errors import DomainError
from jobs.errors import Retryable
from jobs.models import Job
from markets.models import Market
from social import rounds, tasks
from social.models import Alert, Lead, Monitor, Post, Run, Trend, ViralMoment
from tests.factories import make_market, make_user
from tests.social.rows import make_run
from tests.social.xserver import x_post
from tests.worker import run_jobs, work

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def begun(monitor, now):
    """The markets whose round began."""
    return [one.market_id for one in rounds.due(now) if rounds.begin(one, now)]


def finish(run):
    Run.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now(), complete=True)


# When


def test_active_markets_are_watched_by_hashtags_of_their_name(market):
    make_market("New Town", status=Market.Status.RECRUITING)
    rounds.watch_new_markets()
    rounds.watch_new_markets()
    monitor = Monitor.objects.get()
    assert (monitor.market, monitor.hashtags) == (market, ["#Kyoto", "#VisitKyoto", "#KyotoTravel"])
    assert (monitor.interval, monitor.paused) == (30, False)


def test_a_round_begins_once_in_its_half_hour(monitor):
    slot = monitor.slot(NINE)
    assert begun(monitor, slot) == [monitor.market_id]
    finish(Run.objects.get())
    assert begun(monitor, slot + timedelta(minutes=29)) == []
    assert begun(monitor, slot + timedelta(minutes=30)) == [monitor.market_id]


def test_markets_do_not_all_begin_at_once(db):
    monitors = [Monitor(market_id=number) for number in range(1, 51)]
    starts = {monitor.slot(NINE).minute % 30 for monitor in monitors}
    assert len(starts) > 20


def test_a_paused_market_and_one_that_is_not_open_wait(monitor):
    Monitor.objects.update(paused=True)
    assert rounds.due(NINE) == []
    Monitor.objects.update(paused=False)
    Market.objects.update(status=Market.Status.RECRUITING)
    assert rounds.due(NINE) == []


def test_no_round_begins_while_one_is_under_way(monitor):
    begun(monitor, NINE)
    assert rounds.due(NINE + timedelta(hours=2)) == []


def test_the_same_slot_twice_is_one_round(monitor):
    assert rounds.begin(monitor, NINE) is not None
    finish(Run.objects.get())
    assert rounds.begin(monitor, NINE) is None
    assert Run.objects.count() == 1


def test_what_was_missed_for_a_day_is_made_up_by_one_round(monitor):
    begun(monitor, NINE)
    finish(Run.objects.get())
    later = NINE + timedelta(days=1)
    assert begun(monitor, later) == [monitor.market_id]
    caught_up = Run.objects.latest("pk")
    assert (caught_up.since, caught_up.until) == (NINE - rounds.OVERLAP, later)
    assert rounds.due(later + timedelta(minutes=1)) == []


def test_a_round_that_was_not_complete_is_read_again(monitor):
    begun(monitor, NINE)
    Run.objects.update(state="done", finished_at=NINE, complete=False)
    begun(monitor, NINE + timedelta(hours=1))
    assert Run.objects.latest("pk").since == NINE + timedelta(hours=1) - timedelta(days=7)


def test_a_day_that_is_spent_is_over_until_midnight_utc(monitor):
    Monitor.objects.update(cost_cap=1)
    monitor.refresh_from_db()
    make_run(monitor.market, slot=NINE, started_at=NINE, cost=1, state="done", finished_at=NINE)
    assert begun(monitor, NINE + timedelta(hours=1)) == []
    assert Run.objects.latest("pk").state == "skipped"
    assert begun(monitor, NINE + timedelta(days=1)) == [monitor.market_id]


def test_staff_begin_a_round_between_two_slots_but_not_beside_another(monitor):
    staff = make_user(is_staff=True)
    rounds.begin_now(monitor, by=staff)
    with pytest.raises(DomainError):
        rounds.begin_now(monitor, by=staff)


# The whole of it, over the X API


def posts(now, count=4, **fields):
    given = {"likes": 3, "followers": 300} | fields
    return [
        x_post(
            str(5000 + number),
            f"user{number}",
            f"Lovely walk {number} #PhilosophersPath #Kyoto",
            at=now - timedelta(hours=number + 1),
            **given,
        )
        for number in range(count)
    ]


def test_a_round_reads_counts_finds_and_ends(x, monitor, now):
    x.posts = [
        *posts(now),
        x_post("9", "mei", "Snow #Kyoto", at=now - timedelta(hours=3), likes=4000, views=90_000),
    ]
    tasks.ask_for_rounds()
    assert run_jobs() == 2
    run = Run.objects.get()
    assert (run.state, run.source, run.complete) == ("done", "x", True)
    assert (run.posts_seen, run.posts_new, run.viral, run.trends, run.dropped) == (5, 5, 1, 1, 0)
    assert run.cost == Decimal("0.025")
    assert Trend.objects.get().mentions == 4
    assert ViralMoment.objects.get().post.external_id == "9"
    assert Monitor.objects.get().last_run_at == run.started_at


def again(monitor):
    """Another round, a moment later."""
    run = rounds.begin_now(monitor, by=make_user(is_staff=True))
    tasks.read_posts.enqueue(run_id=run.pk)
    run_jobs()
    run.refresh_from_db()
    return run


def test_the_same_posts_again_change_nothing_and_tell_nothing_anew(x, monitor, now):
    x.posts = posts(now, likes=5000)
    first = again(monitor)
    before = (Post.objects.count(), Trend.objects.count(), Alert.objects.count(), ViralMoment.objects.count())
    second = again(monitor)
    assert (first.posts_new, second.posts_new, second.state) == (4, 0, "done")
    assert before == (4, 1, 4, 4)
    assert (
        Post.objects.count(),
        Trend.objects.count(),
        Alert.objects.count(),
        ViralMoment.objects.count(),
    ) == before


def test_posts_that_grow_after_they_were_read_are_measured_again(x, monitor, now):
    x.posts = posts(now, count=1, likes=60)
    again(monitor)
    x.posts = posts(now, count=1, likes=400)
    run = again(monitor)
    assert (run.viral, ViralMoment.objects.get().reason) == (1, "growth")
    assert "/2/tweets" in [path for path, _, _ in x.asked]


def test_a_job_that_runs_twice_stores_once(x, monitor, now):
    x.posts = posts(now)
    tasks.ask_for_rounds()
    job = Job.objects.get()
    work(job)
    work(job)
    assert Job.objects.count() == 2  # it and the second half
    assert Run.objects.get().cost == Decimal("0.020")


def test_a_limit_of_x_puts_the_round_off_until_its_reset(x, monitor, now):
    x.fail(429, {"x-rate-limit-reset": str(int(time.time()) + 900)})
    tasks.ask_for_rounds()
    job = Job.objects.get()
    with pytest.raises(Retryable):
        work(job)
    job.refresh_from_db()
    assert job.state == "queued"
    assert 880 < (job.run_after - timezone.now()).total_seconds() < 905
    assert Run.objects.get().state == "queued"


def test_x_down_for_a_day_then_back_is_caught_up_once_and_within_the_budget(x, monitor, settings, now):
    Monitor.objects.update(cost_cap=Decimal("1.00"))
    x.posts = posts(now, count=3)
    good = again(monitor)
    url, settings.SOCIAL_X_URL = settings.SOCIAL_X_URL, "http://127.0.0.1:9"
    for hours in range(24, 0, -6):
        failed = make_run(monitor.market, slot=now - timedelta(hours=hours))
        for _attempt in range(tasks.read_posts.max_attempts):
            with pytest.raises(Retryable):
                tasks.read_posts.run(run_id=failed.pk)
        tasks.round_failed(run_id=failed.pk)
    settings.SOCIAL_X_URL = url
    x.posts = posts(now, count=190)
    caught_up = again(monitor)
    assert caught_up.state == "done"
    assert caught_up.since == good.until - rounds.OVERLAP
    assert Run.objects.filter(state="failed").count() == 4
    assert sum(Run.objects.values_list("cost", flat=True)) <= 1


def test_while_no_source_is_connected_no_round_begins_by_itself(monitor, settings):
    settings.SOCIAL_SOURCE = "none"
    tasks.ask_for_rounds()
    assert not Run.objects.exists()


def test_without_a_source_a_round_says_so(monitor, settings):
    settings.SOCIAL_SOURCE = "none"
    run = again(monitor)
    assert (run.state, run.note) == ("skipped", "No source of posts is connected.")


def test_a_round_whose_model_gives_nothing_usable_counts_without_it(one_route, x, monitor, now):
    x.posts = posts(now)
    one_route.say("no json")
    one_route.say("no json either")
    run = again(monitor)
    assert (run.state, Trend.objects.get().origin) == ("done", "counted")
    assert run.note


def test_what_models_cost_is_the_markets(one_route, x, monitor, now):
    x.posts = posts(now)
    one_route.say_json({"trends": [], "pains": []})
    run = again(monitor)
    assert run.cost > Decimal("0.020")
    assert rounds.room(run, timezone.now()) == Decimal(5) - run.cost


def test_a_round_whose_last_attempt_failed_is_given_up(monitor):
    run = make_run(monitor.market)
    tasks.round_failed(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.finished_at is None) == ("failed", False)
    assert not Lead.objects.exists()


def test_old_rounds_and_posts_go_and_what_something_stands_on_stays(market, now):
    from tests.social.rows import make_lead, make_post

    old = {"hours": 24 * 100}
    make_post(market, **old)
    kept = make_post(market, **old)
    make_lead(market).evidence.add(kept)
    long_ago = now - timedelta(days=100)
    make_run(market, slot=long_ago, started_at=long_ago, state="done", finished_at=long_ago)
    rounds.forget_old(now)
    assert (list(Post.objects.all()), Run.objects.count()) == ([kept], 0)
