"""Rounds: when a market's is due, what it reads, and the only moves of a Run.

Each market has a slot every so many minutes, apart from the others'. What was missed, for whatever reason, is made
up by one round: the next one, which reads from where the last one ended. A round that could not pay for all of its time
has read the newest part; the rest is a gap, which later rounds fill when they have money left, the newest gap first.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from jobs.errors import Permanent, Retryable
from markets import folding
from markets.models import Market
from social import asking, budget, leads, posts, sources, trends, viral
from social.leads import Finding
from social.models import Monitor, Post, PostSample, Run
from social.sources import Found, Query, Source
from social.sources.base import DROPS_KEPT
from social.trends import Reading

FURTHEST = timedelta(days=7)
# Posts appear in searches some minutes late.
OVERLAP = timedelta(minutes=10)
# Of what a round may spend on reading, the part kept for posts that are known.
MEASURING = Decimal(1) / 3
KEEP = timedelta(days=90)
State = Run.State


def watch_new_markets() -> None:
    """Every active market is watched, by hashtags of its name until staff say otherwise."""
    unwatched = Market.objects.active().filter(monitor=None)
    Monitor.objects.bulk_create(
        (Monitor(market=market, hashtags=usual_hashtags(market)) for market in unwatched),
        ignore_conflicts=True,
    )


def usual_hashtags(market: Market) -> list[str]:
    """#Kyoto, #VisitKyoto, #KyotoTravel."""
    name = "".join(word.capitalize() for word in folding.fold(market.name).split())[:50]
    return [f"#{name}", f"#Visit{name}", f"#{name}Travel"]


def due(now: datetime) -> list[Monitor]:
    """Those whose slot has begun and has no round yet, and that have none under way."""
    monitors = list(Monitor.objects.running().select_related("market").order_by("market"))
    last: dict[int, datetime] = dict(
        Run.objects.filter(market__in=[one.market_id for one in monitors])
        .order_by()
        .values("market")
        .annotate(last=Max("slot"))
        .values_list("market", "last")
    )
    busy = set(Run.objects.open().values_list("market", flat=True))
    return [
        one
        for one in monitors
        if one.market_id not in busy and one.slot(now) > last.get(one.market_id, one.slot(now) - timedelta(1))
    ]


def begin(monitor: Monitor, now: datetime, *, slot: datetime | None = None) -> Run | None:
    """The round of this slot; None where another worker was faster. In a transaction: its job commits with it."""
    run = Run(
        market=monitor.market,
        slot=slot or monitor.slot(now),
        since=_since(monitor.market, now),
        until=now,
        started_at=now,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return None
    if budget.room_of(run.market, now) <= 0:
        move(run, State.SKIPPED, note=_("The day's budget of this market is used up."))
        return None
    Monitor.objects.filter(pk=monitor.pk).update(last_run_at=now)
    return run


@transaction.atomic
def begin_now(monitor: Monitor, *, by: User) -> Run:
    """Between two slots, because a person wants to see."""
    if not sources.connected():
        raise DomainError(_("No source of posts is connected."))
    now = timezone.now()
    run = begin(monitor, now, slot=now)
    if run is None:
        raise DomainError(_("A round of this market is under way, or its budget of the day is used up."))
    audit.record(action="run.start", target=monitor, by=by)
    return run


def begin_to_think(monitor: Monitor, now: datetime, *, slot: datetime | None = None) -> Run | None:
    """A round without its first half, where posts came in by hand; None where one is under way and will see to them."""
    run = Run(
        market=monitor.market,
        slot=slot or now,
        state=State.READ,
        source=Post.Source.FILE,
        since=now - FURTHEST,
        until=now,
        started_at=now,
        posts_new=monitor.unread,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return None
    return run


def _since(market: Market, now: datetime) -> datetime:
    """Where the last round ended that has read anything."""
    read = Run.objects.filter(Q(complete=True) | Q(gap_until__isnull=False), market=market, until__lt=now)
    last = read.aggregate(last=Max("until"))["last"]
    earliest = now - FURTHEST
    return max(last - OVERLAP, earliest) if last else earliest


class Looked(NamedTuple):
    found: Found
    gap: Run | None = None  # an earlier round, of whose time more was read


def _query(run: Run, since: datetime, until: datetime, usd: Decimal) -> Query:
    monitor = run.market.monitor
    return Query(
        city=run.market.name,
        accounts=monitor.accounts,
        hashtags=monitor.hashtags,
        since=since,
        until=until,
        budget=usd,
    )


def look(run: Run, source: Source, now: datetime) -> Looked:
    """What the source has: new posts, those of the last days as they are now, and what earlier rounds had to leave.

    Writes nothing but what it costs.
    """
    share = budget.share(run, source.least, now)
    with budget.charged(run.market, budget.What.READING, share, now) as charge:
        due = posts.to_measure_again(run.market, now)
        kept = charge.usd * MEASURING if due else Decimal(0)
        for_new = max(charge.usd - kept, min(charge.usd, source.least))
        found = source.search(_query(run, run.since, run.until, for_new))
        _measure_again(source, due, charge.usd, found)
        gap = _fill_gap(run, source, charge.usd, found, now)
        charge.settle(found.cost)
    return Looked(found, gap)


def _measure_again(source: Source, due: Iterable[str], usd: Decimal, found: Found) -> None:
    met = {post.id for post in found.posts}
    again = [one for one in due if one not in met]
    if not again:
        return
    try:
        measured = source.refresh(again, usd - found.cost)
    except (Retryable, Permanent) as error:  # what was found is worth keeping without it
        found.note = found.note or str(error)
        return
    found.posts += measured.posts
    found.cost += measured.cost
    found.asked = measured.asked


def _fill_gap(run: Run, source: Source, usd: Decimal, found: Found, now: datetime) -> Run | None:
    earliest = now - FURTHEST
    gap = Run.objects.filter(market=run.market, gap_until__gt=earliest).order_by("-gap_until").first()
    if gap is None or gap.gap_until is None or usd - found.cost < source.least:
        return None
    since = max(gap.since, earliest)
    try:
        older = source.search(_query(run, since, gap.gap_until, usd - found.cost))
    except (Retryable, Permanent) as error:
        found.note = found.note or str(error)
        return None
    found.posts += older.posts
    found.cost += older.cost
    found.drops += older.drops
    if older.complete or older.reached:
        _leave(gap, None if older.complete else older.reached)
    return gap


def _leave(run: Run, gap_until: datetime | None) -> None:
    """Of this round's time all is read, or what is newer than this."""
    run.complete = gap_until is None or gap_until <= run.since
    run.gap_until = None if run.complete or gap_until is None else min(gap_until, run.until)


def store_posts(run: Run, source: Source, looked: Looked, now: datetime) -> None:
    """The first half of a round. In a transaction."""
    found = looked.found
    stored = posts.store(found.posts, market=run.market, source=source.name, now=now)
    posts.note_asked(found.asked, now)
    note_unread(run.market, stored.here)
    moments = viral.find(run.market, now)
    _note_drops(run, found.drops)
    run.posts_seen, run.posts_new, run.viral = stored.seen, stored.new, len(moments)
    run.cost += found.cost
    if found.complete or found.reached:
        _leave(run, None if found.complete else found.reached)
    if looked.gap:
        looked.gap.save(update_fields=["complete", "gap_until"])
    move(run, State.READ, source=source.name, note=found.note)


def note_unread(market: Market, count: int) -> None:
    """Trends and leads are to be looked for once more. In the transaction that stores the posts."""
    if count:
        Monitor.objects.filter(market=market).update(unread=F("unread") + count)


class Thoughts(NamedTuple):
    reading: Reading
    finding: Finding
    posts: int  # that were unread


def think(run: Run, now: datetime) -> Thoughts:
    """What is to be said about the stored posts. Asks nobody where nothing has come. Writes only what it costs."""
    monitor = Monitor.objects.select_related("market").get(market=run.market)
    if not monitor.unread:
        return Thoughts(Reading(), Finding(known=leads.figures(run.market, now)), 0)
    week = posts.recent(run.market, now)
    with budget.charged(run.market, budget.What.ASKING, 2 * asking.MOST_USD, now) as charge:
        reading = trends.read(monitor, week, room=charge.usd, now=now)
        finding = leads.find(run.market, room=charge.usd - reading.cost, now=now)
        charge.settle(reading.cost + finding.cost)
    return Thoughts(reading, finding, monitor.unread)


def store_thoughts(run: Run, thoughts: Thoughts, now: datetime) -> None:
    """The second half. In a transaction."""
    reading, finding = thoughts.reading, thoughts.finding
    week = posts.recent(run.market, now)
    run.trends = trends.store(run.market, reading, week, now)
    run.leads = leads.store(run.market, finding, now)
    note_unread(run.market, -thoughts.posts)
    _note_drops(run, [*reading.drops, *finding.drops])
    run.cost += reading.cost + finding.cost
    move(run, State.DONE, note=" ".join(dict.fromkeys(filter(None, [run.note, reading.note, finding.note]))))


def move(run: Run, to: str, **fields: Any) -> None:
    """Of a run that this worker holds; with all else that was set on it."""
    if to not in Run.MOVES[run.state]:
        raise IllegalMove.of(run, to)
    run.state = to
    run.finished_at = None if to in Run.OPEN else timezone.now()
    for name, value in fields.items():
        setattr(run, name, value)
    run.save()


def give_up(run_id: int, note: str = "") -> None:
    for run in Run.objects.select_for_update().open().filter(pk=run_id):
        why = _("No outcome after several attempts; the next round reads the same again.")
        move(run, State.FAILED, note=note or why)


def forget_old(now: datetime) -> None:
    """Rounds and posts of long ago; posts that evidence, ideas or moments stand on stay."""
    Run.objects.filter(started_at__lt=now - KEEP).exclude(state__in=Run.OPEN).delete()
    PostSample.objects.filter(at__lt=now - timedelta(days=30), post__viral=None).delete()
    old = Post.objects.filter(posted_at__lt=now - KEEP, evidence_of=None, ideas=None, viral=None)
    Post.objects.filter(pk__in=old.order_by("pk").values("pk")[:5_000]).delete()
    trends.forget_old(now)
    budget.forget_old(now - KEEP)


def _note_drops(run: Run, drops: Iterable[dict[str, str]]) -> None:
    """All are counted, the first of them kept to be read."""
    drops = list(drops)
    run.dropped += len(drops)
    run.drops = [*run.drops, *drops][:DROPS_KEPT]
