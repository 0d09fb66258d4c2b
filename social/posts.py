"""Posts as they come in: stored once, measured again whenever their numbers have changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Extract, Greatest

from markets.models import Market
from social import erasing
from social.leads import FOLLOWERS
from social.models import Author, Post, PostSample, Sighting
from social.models.posts import VIRAL_AGE
from social.sources import FoundAuthor, FoundPost

WEEK = timedelta(days=7)
METRICS = ["likes", "reposts", "replies", "views"]
# A post is measured again when it is about so many hours old, the last time before it is too old for a viral moment.
HOURS = (1, 3, 6, 12, 24, 47)
# Those of leads, and of whoever may become one, count after a day, if they were not measured then.
A_DAY = timedelta(days=1)
# How many are measured again in a round at most.
MEASURED_AGAIN = 100
MOST_READ = 1000


@dataclass(frozen=True)
class Stored:
    seen: int
    new: int
    here: int  # new to this market


class Measured(NamedTuple):
    likes: int
    reposts: int
    replies: int
    views: int | None


def store(found: Iterable[FoundPost], *, market: Market, source: str, now: datetime) -> Stored:
    """All of them in a constant number of statements; in a transaction. What erased people write is left out."""
    posts = _by_id(found, now)
    gone = erasing.erased({versions[-1].author.handle for versions in posts.values()})
    posts = {key: versions for key, versions in posts.items() if versions[-1].author.handle not in gone}
    authors = _store_authors([versions[-1].author for versions in posts.values()], source, now)
    known = {post.external_id: post for post in Post.objects.filter(external_id__in=list(posts))}
    fresh = {key: versions[-1] for key, versions in posts.items() if key not in known}
    Post.objects.bulk_create(
        [_row(post, authors[post.author.handle], source, now) for _key, post in sorted(fresh.items())],
        ignore_conflicts=True,
    )
    stored = dict(Post.objects.filter(external_id__in=list(posts)).values_list("external_id", "pk"))
    _measure(posts, known, stored, source, now)
    sighted = set(
        Sighting.objects.filter(market=market, post__in=stored.values()).values_list("post", flat=True)
    )
    Sighting.objects.bulk_create(
        [
            Sighting(market=market, post_id=stored[key], posted_at=versions[-1].at)
            for key, versions in posts.items()
            if stored[key] not in sighted
        ],
        ignore_conflicts=True,
    )
    return Stored(seen=len(posts), new=len(fresh), here=len(stored) - len(sighted))


def recent(market: Market, now: datetime, *, since: timedelta = WEEK) -> list[Post]:
    """Of this market, newest first."""
    sighted = Sighting.objects.filter(market=market, posted_at__gte=now - since, posted_at__lte=now)
    found = Post.objects.filter(pk__in=sighted.order_by("-posted_at", "-pk").values("post")[:MOST_READ])
    return list(found.order_by("-posted_at", "-pk"))


def to_measure_again(market: Market, now: datetime) -> list[str]:
    """Ids of posts whose numbers are due once more, those first that people took up fastest."""
    due = Q()
    for hours in HOURS:
        due |= Q(
            posted_at__lte=now - timedelta(hours=hours), asked_at__lt=F("posted_at") + timedelta(hours=hours)
        )
    young = Q(posted_at__gte=now - VIRAL_AGE) & due
    may_lead = Q(author__lead__isnull=False) | Q(author__followers__range=FOLLOWERS)
    of_a_lead = may_lead & Q(posted_at__lte=now - A_DAY, asked_at__lt=F("posted_at") + A_DAY)
    found = Post.objects.filter(
        young | of_a_lead, sightings__market=market, sightings__posted_at__gte=now - WEEK, posted_at__lte=now
    )
    age = Extract(ExpressionWrapper(F("measured_at") - F("posted_at"), DurationField()), "epoch")
    pace = (F("likes") + F("reposts") + F("replies")) / Greatest(age, 900.0)
    return list(found.order_by(pace.desc(), "pk").values_list("external_id", flat=True)[:MEASURED_AGAIN])


def note_asked(ids: Sequence[str], now: datetime) -> None:
    """Also of those that the network knows no more: they are not asked for in each round."""
    Post.objects.filter(external_id__in=list(ids)).update(asked_at=now)


def _by_id(found: Iterable[FoundPost], now: datetime) -> dict[str, list[FoundPost]]:
    """Each with its measurements, the latest last."""
    posts: dict[str, list[FoundPost]] = {}
    for post in found:
        if post.at <= now and (post.measured_at or now) <= now:  # the future has measured nothing
            posts.setdefault(post.id, []).append(post)
    for versions in posts.values():
        versions.sort(key=lambda post: post.measured_at or now)
    return dict(sorted(posts.items()))  # all write in one order, so that no two wait for each other


def _store_authors(found: Sequence[FoundAuthor], source: str, now: datetime) -> dict[str, int]:
    """What is unknown this time stays as it was known before, and so does what was measured where a model tells it."""
    latest = {author.handle: author for author in found}
    known = {author.handle: author for author in Author.objects.filter(handle__in=list(latest))}
    rows = [_author(author, known.get(handle), source, now) for handle, author in sorted(latest.items())]
    Author.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["handle"],
        update_fields=["name", "bio", "followers", "following", "since", "seen_at", "is_measured"],
    )
    return dict(Author.objects.filter(handle__in=list(latest)).values_list("handle", "pk"))


def _author(found: FoundAuthor, known: Author | None, source: str, now: datetime) -> Author:
    was_measured = known is not None and known.is_measured
    is_told = source == Post.Source.MODEL
    row = Author(handle=found.handle, seen_at=now)
    row.is_measured = was_measured or (not is_told and found.followers is not None)
    for name in ("name", "bio", "followers", "following", "since"):
        value = getattr(found, name)
        before = getattr(known, name, None)
        if before not in (None, "") and (value in (None, "") or (is_told and was_measured)):
            value = before
        setattr(row, name, value)
    return row


def _row(post: FoundPost, author: int, source: str, now: datetime) -> Post:
    return Post(
        external_id=post.id,
        author_id=author,
        text=post.text,
        language=post.language,
        posted_at=post.at,
        source=source,
        measured_at=post.measured_at or now,
        asked_at=now,
        **_measured(post)._asdict(),
    )


def _measured(post: FoundPost | Post) -> Measured:
    return Measured(post.likes, post.reposts, post.replies, post.views)


def _measure(
    posts: dict[str, list[FoundPost]],
    known: dict[str, Post],
    stored: dict[str, int],
    source: str,
    now: datetime,
) -> None:
    """A sample for each measurement that differs from the one before, and for the one before, whose numbers held until
    then. The post's own numbers are its latest.
    """
    samples: list[PostSample] = []
    rows: list[Post] = []
    told: list[int] = []
    for key, versions in posts.items():
        row = known.get(key)
        if row and source == Post.Source.MODEL and row.source != source:
            continue  # what was measured stands over what is told
        last, at = (_measured(row), row.measured_at) if row else (None, None)
        if row and row.source == Post.Source.MODEL and row.source != source:
            told.append(row.pk)  # what a model told is no measurement that anything has grown from
            row.source, last, at = source, None, None
        for post in versions:
            numbers, measured_at = _measured(post), post.measured_at or now
            if at is not None and measured_at <= at:
                continue
            if last is not None and at is not None and numbers != last:
                samples.append(PostSample(post_id=stored[key], at=at, **last._asdict()))
            if numbers != last:
                samples.append(PostSample(post_id=stored[key], at=measured_at, **numbers._asdict()))
            last, at = numbers, measured_at
        if row and last and at:
            row.measured_at, row.asked_at = at, now
            for name, value in last._asdict().items():
                setattr(row, name, value)
            rows.append(row)
    PostSample.objects.filter(post__in=told).delete()
    PostSample.objects.bulk_create(samples, ignore_conflicts=True)
    Post.objects.bulk_create(
        sorted(rows, key=lambda post: post.pk),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*METRICS, "measured_at", "asked_at", "source"],
    )
