"""Rounds: due when they should be, once each, made up for once, and within a budget."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.errors import DomainError
from jobs.errors import Permanent, Retryable
from jobs.models import Job
from markets.models import Market
from social import budget, rounds, sources, tasks
from social.models import (
    Alert,
    Lead,
    Monitor,
    Post,
    PostSample,
    Run,
    Sighting,
    Spending,
    Trend,
    ViralMoment,
)
from social.sources.x_search import X_EPOCH_MS
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
    Spending.objects.create(market=monitor.market, at=NINE, what="asking", usd=1)
    assert begun(monitor, NINE + timedelta(hours=1)) == []
    assert Run.objects.latest("pk").state == "skipped"
    assert begun(monitor, NINE + timedelta(days=1)) == [monitor.market_id]


def test_staff_begin_a_round_between_two_slots_but_not_beside_another(x, monitor):
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


def time_passes(**delta):
    """For all that is stored."""
    gone = timedelta(**delta)
    Post.objects.update(
        posted_at=F("posted_at") - gone, measured_at=F("measured_at") - gone, asked_at=F("asked_at") - gone
    )
    Sighting.objects.update(posted_at=F("posted_at") - gone)
    PostSample.objects.update(at=F("at") - gone)
    Run.objects.update(since=F("since") - gone, until=F("until") - gone)


def test_posts_that_grow_after_they_were_read_are_measured_again(x, monitor, now):
    x.posts = posts(now, count=1, likes=60)
    again(monitor)
    time_passes(hours=3)
    x.posts = posts(now - timedelta(hours=3), count=1, likes=400)
    run = again(monitor)
    assert (run.viral, ViralMoment.objects.get().reason) == (1, "growth")
    assert "/2/tweets" in [path for path, _, _ in x.asked]


def test_a_file_tells_later_numbers_of_posts_that_are_known(monitor, settings, tmp_path, now):
    settings.SOCIAL_SOURCE, settings.SOCIAL_FILE = "file", str(tmp_path / "posts.jsonl")
    line = {
        "id": "1",
        "author": "mei",
        "text": "Moss #Kyoto",
        "created_at": (now - timedelta(hours=4)).isoformat(),
    }
    (tmp_path / "posts.jsonl").write_text(json.dumps(line | {"likes": 5}))
    again(monitor)
    time_passes(hours=5)
    (tmp_path / "posts.jsonl").write_text(json.dumps(line | {"likes": 3000}))
    assert again(monitor).viral == 1


def test_measuring_again_never_costs_more_than_the_round_may(x, monitor, now, monkeypatch):
    monkeypatch.setattr(budget, "share", lambda *_: Decimal("0.30"))
    x.posts = many(now, 40)
    again(monitor)
    time_passes(hours=3)
    new = [x_post(f"{n}", f"v{n}", "Moss #Kyoto", at=now - timedelta(minutes=n + 1)) for n in range(30)]
    x.posts = [*new, *many(now - timedelta(hours=3), 40)]
    run = again(monitor)
    assert run.cost == Decimal("0.30")
    asked = [params for path, params, _ in x.asked if path == "/2/tweets"]
    assert [len(params["ids"].split(",")) for params in asked] == [20]  # forty were searched for


def test_posts_that_x_knows_no_more_are_not_asked_for_in_each_round(x, monitor, now):
    x.posts = posts(now, count=1)
    again(monitor)
    time_passes(hours=3)
    x.posts = []
    again(monitor)
    again(monitor)
    assert [path for path, _, _ in x.asked].count("/2/tweets") == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_to_measure_again_leaves_what_was_read_and_paid(x, monitor, now, status):
    x.posts = posts(now, count=1)
    again(monitor)
    time_passes(hours=3)
    new = x_post("1", "mei", "Moss #Kyoto", at=now - timedelta(minutes=5))
    x.posts = [new, *posts(now - timedelta(hours=3), count=1)]
    x.good()
    x.fail(status)
    run = again(monitor)
    assert (run.state, run.complete, run.posts_seen > 0, run.cost > 0) == ("done", True, True, True)
    assert str(status) in run.note


# Money


def looked(monitor, at, *, usd):
    """The first half of the round of this moment, for a day of so much money; X itself knows the real time alone."""
    Monitor.objects.filter(pk=monitor.pk).update(cost_cap=usd)
    monitor = Monitor.objects.select_related("market").get(pk=monitor.pk)
    run = rounds.begin(monitor, timezone.now(), slot=at)
    assert run
    source = sources.chosen()
    found = rounds.look(run, source, at)
    rounds.store_posts(run, source, found, at)
    rounds.move(run, "done")
    return run


def many(now, count):
    """Newest first, a minute between two."""
    return [
        x_post(f"{9000 - n}", f"u{n}", f"Walk {n} #Kyoto", at=now - timedelta(minutes=n + 1))
        for n in range(count)
    ]


def test_no_round_takes_the_money_of_the_others_and_questions_keep_theirs(x, monitor, now):
    x.posts = many(now, 2000)
    midnight = NINE.replace(hour=0)
    read = [looked(monitor, midnight + timedelta(minutes=30 * slot), usd=5) for slot in range(48)]
    assert max(run.cost for run in read) < Decimal("0.2")
    assert all(run.cost > 0 for run in read)
    last = midnight + timedelta(hours=23, minutes=59)
    assert Decimal(2) <= budget.room_of(monitor.market, last) < Decimal("2.2")


def test_a_market_above_its_cap_moves_on_and_fills_the_gap_newest_first(x, monitor, now):
    x.posts = many(now, 60)
    first = looked(monitor, NINE.replace(hour=0), usd=5)
    assert (first.complete, first.gap_until is None, Post.objects.count()) == (False, False, 12)
    second = looked(monitor, NINE.replace(hour=12), usd=5)
    first.refresh_from_db()
    assert second.since == first.until - rounds.OVERLAP
    assert (first.complete, first.gap_until, Post.objects.count()) == (True, None, 60)


def test_a_search_that_the_round_could_not_pay_leaves_its_time_to_the_next(x, monitor, now):
    looked(monitor, NINE, usd=5)
    Spending.objects.create(market=monitor.market, at=NINE, what="reading", usd=3)
    none = looked(monitor, NINE + timedelta(minutes=30), usd=5)
    assert (none.complete, none.gap_until, none.cost) == (False, None, 0)
    after = looked(monitor, NINE + timedelta(days=1), usd=5)
    assert after.since < none.since + rounds.OVERLAP


def test_x_search_by_a_model_is_spread_over_the_day(monitor, now):
    run = make_run(monitor.market, slot=NINE)
    least, asked = Decimal("1.50"), []
    for slot in range(48):
        at = NINE.replace(hour=0) + timedelta(minutes=30 * slot)
        with budget.charged(run.market, "reading", budget.share(run, least, at), at) as charge:
            if charge.usd >= least:
                asked.append(at.hour)
                charge.settle(Decimal("0.15"))
            else:
                charge.settle(Decimal(0))
    assert 8 <= len(asked) <= 11
    assert max(asked) >= 21


def test_a_question_that_never_happened_is_given_back(monitor):
    left = []

    def ask():
        with budget.charged(monitor.market, "asking", Decimal(1), NINE):
            left.append(budget.room_of(monitor.market, NINE))
            raise Retryable("A limit.")

    with pytest.raises(Retryable):
        ask()
    assert left == [4]
    assert budget.room_of(monitor.market, NINE) == 5


def test_posts_whose_second_half_failed_are_thought_about_in_the_next_round(x, monitor, now):
    x.posts = posts(now)
    run = rounds.begin_now(monitor, by=make_user(is_staff=True))
    tasks.read_posts.enqueue(run_id=run.pk)
    work(Job.objects.get())
    rounds.give_up(run.pk)
    Job.objects.filter(state="queued").delete()
    assert again(monitor).trends == 1


def test_a_day_without_models_and_without_x_search_is_caught_up_once_within_the_budget(
    one_route, monitor, settings, now
):
    settings.SOCIAL_SOURCE = "model"
    Monitor.objects.update(cost_cap=5)
    for hours in range(24, 0, -6):
        failed = make_run(monitor.market, slot=now - timedelta(hours=hours))
        one_route.fail(500)
        with suppress(Retryable, Permanent):
            tasks.read_posts.run(run_id=failed.pk)
        tasks.round_failed(run_id=failed.pk)
    assert not Spending.objects.filter(usd__gt=0).exists()
    number = (int((now - timedelta(hours=20)).timestamp() * 1000) - X_EPOCH_MS) << 22
    url = f"https://x.com/aiko/status/{number}"
    told = {"author": "aiko", "text": "Moss #Kyoto", "language": "en", "likes": 5, "url": url}
    told |= {"reposts": None, "replies": None, "views": None, "followers": None}
    one_route.say_json({"posts": [told]}, citations=[(url, "")])
    one_route.say_json({"trends": [], "pains": []})
    run = again(monitor)
    assert (run.state, run.posts_new) == ("done", 1)
    assert 0 < sum(Spending.objects.values_list("usd", flat=True)) <= 5
    assert rounds.due(run.slot + timedelta(minutes=1)) == []


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


def test_without_a_source_nobody_begins_a_round(monitor, settings):
    settings.SOCIAL_SOURCE = "none"
    with pytest.raises(DomainError, match=r"No source of posts is connected\."):
        rounds.begin_now(monitor, by=make_user(is_staff=True))
    assert not Run.objects.exists()


def test_a_round_whose_source_went_away_says_so(x, monitor, settings):
    run = rounds.begin_now(monitor, by=make_user(is_staff=True))
    tasks.read_posts.enqueue(run_id=run.pk)
    settings.SOCIAL_SOURCE = "none"
    run_jobs()
    run.refresh_from_db()
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
    assert budget.room_of(run.market, timezone.now()) == Decimal(5) - run.cost


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
