"""The X API v2: recent search, and posts by id for their metrics of now.

https://docs.x.com/x-api/posts/search-recent-posts: seven days back, 100 posts a page, a query of 512 characters, newest
first. A 429 says in x-rate-limit-reset (seconds since 1970) when to come back. X bills by post read.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.errors import Permanent, Retryable
from social.models.posts import LONGEST_TEXT
from social.sources.base import (
    Found,
    FoundAuthor,
    FoundPost,
    Query,
    SourceOff,
    count,
    handle_of,
    mapping,
    mappings,
)

if TYPE_CHECKING:
    import httpx2

log = structlog.get_logger(__name__)

PAGE, SMALLEST_PAGE = 100, 10  # as X has them
LONGEST_QUERY = 512
SECONDS = 20.0
MOST_BYTES = 4_000_000
# Seconds that a worker waits for a limit itself, in a round; for longer ones the round comes back later.
PATIENCE = 60.0
MOST_PAGES = 50
# X refuses what is nearer than ten seconds, and what is older than seven days to the second.
MARGIN = timedelta(seconds=15)
REACH = timedelta(days=7) - timedelta(minutes=1)
FIELDS = {
    "tweet.fields": "created_at,lang,public_metrics,author_id",
    "expansions": "author_id",
    "user.fields": "created_at,description,name,public_metrics,username",
}


class RateLimited(Exception):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"X asks to wait {seconds:.0f} s.")


class XApi:
    name = "x"

    def __init__(self) -> None:
        if not settings.SOCIAL_X_TOKEN:
            raise SourceOff(_("SOCIAL_X_TOKEN is not set: X does not answer without it."))
        self._price = Decimal(settings.SOCIAL_X_POST_USD)
        self.least = self._price * SMALLEST_PAGE
        self._waits = PATIENCE

    def search(self, query: Query) -> Found:
        """As many pages as there are, and as the budget allows: a page is not begun that it could not pay."""
        found = Found()
        posts: dict[str, FoundPost] = {}
        texts = queries(query)
        reached: list[datetime | None] = []
        with _client() as client:
            for place, text in enumerate(texts):
                most = found.cost + (query.budget - found.cost) / (len(texts) - place)
                reached.append(self._collect(client, text, query, most, found, posts))
        found.posts = list(posts.values())
        # Of many queries all must have come so far; where one had none of the money its part is still there.
        last = max((at or query.until for at in reached), default=query.since)
        found.complete = last <= query.since
        found.reached = None if found.complete or not any(reached) else last
        return found

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        found = Found()
        wanted = [one for one in ids if one.isdecimal()][: self._affordable(budget)]
        if wanted:
            with _client() as client:
                data = self._get(client, "/2/tweets", {"ids": ",".join(wanted), **FIELDS})
            found.posts, found.asked = list(_posts(data)), wanted
            found.cost = self._price * len(data.get("data") or ())
        return found

    def _affordable(self, usd: Decimal) -> int:
        return min(int(usd / self._price), PAGE) if self._price else PAGE

    def _collect(
        self,
        client: "httpx2.Client",
        text: str,
        query: Query,
        most: Decimal,
        found: Found,
        posts: dict[str, FoundPost],
    ) -> datetime | None:
        """Newest first, until it has cost so much; back to when it read, None where it read nothing."""
        now = timezone.now()
        since, until = max(query.since, now - REACH), min(query.until, now - MARGIN)
        if since >= until:
            return query.since
        params = {"query": text, "start_time": _instant(since), "end_time": _instant(until), **FIELDS}
        reached: datetime | None = None
        for _number in range(MOST_PAGES):
            size = self._affordable(most - found.cost)
            if size < SMALLEST_PAGE:
                found.note = _("The share of this round had no room for more.")
                return reached
            try:
                data = self._get(client, "/2/tweets/search/recent", params | {"max_results": str(size)})
            except (Retryable, Permanent) as error:
                if not (posts or found.cost):
                    raise
                # What was paid for is kept. What X refuses from the first page on it would refuse again.
                found.note = str(error)
                return query.since if reached is None and isinstance(error, Permanent) else reached
            posts.update((post.id, post) for post in _posts(data))
            found.cost += self._price * len(data.get("data") or ())
            token = mapping(data.get("meta")).get("next_token")
            if not token:
                return query.since
            params["next_token"] = str(token)
            reached = _oldest(data, until)
        found.note = _("There was more than a round reads.")
        return reached

    def _get(self, client: "httpx2.Client", path: str, params: Mapping[str, str]) -> dict[str, Any]:
        while True:
            try:
                return _answer(client, path, params)
            except RateLimited as limit:
                if limit.seconds > self._waits:
                    raise Retryable(str(limit), delay=limit.seconds) from limit
                self._waits -= limit.seconds
                log.info("x_rate_limited", seconds=round(limit.seconds))
                time.sleep(limit.seconds)


def queries(query: Query) -> list[str]:
    """Accounts and hashtags as few queries, each short enough."""
    terms = [tag for tag in query.hashtags if tag] + [
        f"from:{account}" for account in query.accounts if account
    ]
    texts: list[str] = []
    for term in terms:
        joined = f"{texts[-1]} OR {term}" if texts else ""
        if joined and len(_whole(joined)) <= LONGEST_QUERY:
            texts[-1] = joined
        else:
            texts.append(term)
    return [_whole(text) for text in texts]


def _whole(terms: str) -> str:
    return f"({terms}) -is:retweet"


def _client() -> "httpx2.Client":
    import httpx2  # noqa: PLC0415  # not needed by whoever talks to nobody

    return httpx2.Client(
        base_url=settings.SOCIAL_X_URL,
        headers={"Authorization": f"Bearer {settings.SOCIAL_X_TOKEN}", "User-Agent": "Traveloure"},
        timeout=httpx2.Timeout(SECONDS, connect=5.0),
        follow_redirects=False,  # the token is X's alone
        trust_env=False,
    )


def _answer(client: "httpx2.Client", path: str, params: Mapping[str, str]) -> dict[str, Any]:
    import httpx2  # noqa: PLC0415  # loaded by whoever made the client

    try:
        response = client.get(path, params=dict(params))
    except httpx2.HTTPError as error:
        raise Retryable(f"X is away: {type(error).__name__}") from error
    status = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(until_reset(response.headers))
    if status >= 500:
        raise Retryable(f"X answered {status}.")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise SourceOff(_("X refuses the token (%(status)s).") % {"status": status})
    if status != HTTPStatus.OK:
        raise Permanent(f"X answered {status}.")
    data: Any = None
    with suppress(ValueError):
        data = response.json() if len(response.content) <= MOST_BYTES else None
    if not isinstance(data, dict):
        raise Retryable("X answered something that is no JSON object.")
    return data


def until_reset(headers: Mapping[str, str]) -> float:
    """Seconds, one more than X says: its clock and ours differ."""
    reset, after = headers.get("x-rate-limit-reset", ""), headers.get("retry-after", "")
    if reset.isdecimal():
        return max(int(reset) - time.time(), 0) + 1
    if after.isdecimal():
        return int(after) + 1
    with suppress(ValueError):
        return max((parsedate_to_datetime(after) - timezone.now()).total_seconds(), 0) + 1
    return 15 * 60 + 1  # the length of X's own windows


def _oldest(data: Mapping[str, Any], until: datetime) -> datetime:
    """When the last post of a page was written. X counts in seconds: others of the same one may come after it."""
    times = [at for item in mappings(data.get("data")) if (at := _time(item.get("created_at")))]
    second = timedelta(seconds=1)
    return min([*(at + second for at in times), until - second])


def _posts(data: Mapping[str, Any]) -> Iterator[FoundPost]:
    """Those that have all that a post needs. X leaves out authors who are suspended."""
    included = mapping(data.get("includes")).get("users")
    authors = {str(user.get("id")): _author(user) for user in mappings(included)}
    for item in mappings(data.get("data")):
        author, at = authors.get(str(item.get("author_id"))), _time(item.get("created_at"))
        text, number = str(item.get("text") or "").replace("\0", ""), str(item.get("id") or "")
        if not (author and at and text and number.isdecimal()):
            continue
        counts = mapping(item.get("public_metrics"))
        yield FoundPost(
            id=number,
            author=author,
            text=text[:LONGEST_TEXT],
            at=at,
            language=str(item.get("lang") or "")[:8],
            likes=count(counts.get("like_count")) or 0,
            reposts=(count(counts.get("retweet_count")) or 0) + (count(counts.get("quote_count")) or 0),
            replies=count(counts.get("reply_count")) or 0,
            views=count(counts.get("impression_count")),
        )


def _author(user: Mapping[str, Any]) -> FoundAuthor | None:
    handle = handle_of(str(user.get("username") or ""))
    counts, since = mapping(user.get("public_metrics")), _time(user.get("created_at"))
    if not handle:
        return None
    return FoundAuthor(
        handle=handle,
        name=str(user.get("name") or "").replace("\0", "")[:120],
        bio=str(user.get("description") or "").replace("\0", "")[:1000],
        followers=count(counts.get("followers_count")),
        following=count(counts.get("following_count")),
        since=since.date() if since else None,
    )


def _time(value: Any) -> datetime | None:
    with suppress(ValueError):
        at = datetime.fromisoformat(str(value))
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
