"""Posts as they come in: stored once, measured again whenever their numbers have changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from markets.models import Market
from social import erasing
from social.models import Author, Post, PostSample, Sighting
from social.sources import FoundAuthor, FoundPost

WEEK = timedelta(days=7)
METRICS = ["likes", "reposts", "replies", "views"]
# How many posts of the past two days are measured again in a round, the most liked first.
MEASURED_AGAIN = 100
MOST_READ = 1000


@dataclass(frozen=True)
class Stored:
    seen: int
    new: int


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
    authors = _store_authors([versions[-1].author for versions in posts.values()], now)
    known = {post.external_id: post for post in Post.objects.filter(external_id__in=list(posts))}
    fresh = {key: versions[-1] for key, versions in posts.items() if key not in known}
    Post.objects.bulk_create(
        [_row(post, authors[post.author.handle], source, now) for _key, post in sorted(fresh.items())],
        ignore_conflicts=True,
    )
    stored = dict(Post.objects.filter(external_id__in=list(posts)).values_list("external_id", "pk"))
    _measure(posts, known, stored, source, now)
    Sighting.objects.bulk_create(
        [
            Sighting(market=market, post_id=stored[key], posted_at=versions[-1].at)
            for key, versions in posts.items()
        ],
        ignore_conflicts=True,
    )
    return Stored(seen=len(posts), new=len(fresh))


def recent(market: Market, now: datetime, *, since: timedelta = WEEK) -> list[Post]:
    """Of this market, newest first."""
    sighted = Sighting.objects.filter(market=market, posted_at__gte=now - since, posted_at__lte=now)
    found = Post.objects.filter(pk__in=sighted.order_by("-posted_at", "-pk").values("post")[:MOST_READ])
    return list(found.order_by("-posted_at", "-pk"))


def to_measure_again(market: Market, now: datetime) -> list[str]:
    """Ids of posts that may yet become viral moments."""
    young = Post.objects.filter(
        sightings__market=market, sightings__posted_at__gte=now - timedelta(hours=48), viral=None, source="x"
    ).filter(Q(likes__gte=20) | Q(reposts__gte=5))
    return list(young.order_by("-likes", "pk").values_list("external_id", flat=True)[:MEASURED_AGAIN])


def _by_id(found: Iterable[FoundPost], now: datetime) -> dict[str, list[FoundPost]]:
    """Each with its measurements, the latest last."""
    posts: dict[str, list[FoundPost]] = {}
    for post in found:
        if post.at <= now and (post.measured_at or now) <= now:  # the future has measured nothing
            posts.setdefault(post.id, []).append(post)
    for versions in posts.values():
        versions.sort(key=lambda post: post.measured_at or now)
    return dict(sorted(posts.items()))  # all write in one order, so that no two wait for each other


def _store_authors(found: Sequence[FoundAuthor], now: datetime) -> dict[str, int]:
    """What is unknown this time stays as it was known before."""
    latest = {author.handle: author for author in found}
    known = {author.handle: author for author in Author.objects.filter(handle__in=list(latest))}
    rows = [_author(author, known.get(handle), now) for handle, author in sorted(latest.items())]
    Author.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["handle"],
        update_fields=["name", "bio", "followers", "following", "since", "seen_at"],
    )
    return dict(Author.objects.filter(handle__in=list(latest)).values_list("handle", "pk"))


def _author(found: FoundAuthor, known: Author | None, now: datetime) -> Author:
    row = Author(handle=found.handle, seen_at=now)
    for name in ("name", "bio", "followers", "following", "since"):
        value = getattr(found, name)
        if value in (None, "") and known:
            value = getattr(known, name)
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
    """A sample for each measurement that differs from the one before; the post's own numbers are its latest."""
    samples: list[PostSample] = []
    changed: list[Post] = []
    for key, versions in posts.items():
        row = known.get(key)
        if row and source == Post.Source.MODEL and row.source != source:
            continue  # what was measured stands over what is told
        last, at = (_measured(row), row.measured_at) if row else (None, None)
        for post in versions:
            measured_at = post.measured_at or now
            if _measured(post) != last and (at is None or measured_at > at):
                last, at = _measured(post), measured_at
                samples.append(PostSample(post_id=stored[key], at=measured_at, **last._asdict()))
        if row and last and last != _measured(row):
            row.measured_at = at or now
            for name, value in last._asdict().items():
                setattr(row, name, value)
            changed.append(row)
    PostSample.objects.bulk_create(samples, ignore_conflicts=True)
    Post.objects.bulk_create(
        sorted(changed, key=lambda post: post.pk),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*METRICS, "measured_at"],
    )
