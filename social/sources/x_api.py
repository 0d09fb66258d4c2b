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
from typing import Any

import httpx2
import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.errors import Permanent, Retryable
from social.models.posts import LONGEST_TEXT
from social.sources.base import Found, FoundAuthor, FoundPost, Query, SourceOff, handle_of

log = structlog.get_logger(__name__)

PAGE = 100
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
        self._waits = PATIENCE

    def search(self, query: Query) -> Found:
        """As many pages as there are, and as the budget allows: a page is not begun that it could not pay."""
        found = Found()
        posts: dict[str, FoundPost] = {}
        with _client() as client:
            for text in queries(query):
                self._collect(client, text, query, found, posts)
                if not found.complete:
                    break
        found.posts = list(posts.values())
        return found

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        found = Found()
        wanted = [one for one in ids if one.isdecimal()][:PAGE]
        affordable = int(budget / self._price) if self._price else PAGE
        if wanted := wanted[:affordable]:
            with _client() as client:
                data = self._get(client, "/2/tweets", {"ids": ",".join(wanted), **FIELDS})
            found.posts = list(_posts(data))
            found.cost = self._price * len(data.get("data") or ())
        return found

    def _collect(
        self, client: httpx2.Client, text: str, query: Query, found: Found, posts: dict[str, FoundPost]
    ) -> None:
        now = timezone.now()
        since, until = max(query.since, now - REACH), min(query.until, now - MARGIN)
        if since >= until:
            return
        params = {
            "query": text,
            "max_results": str(PAGE),
            "start_time": _instant(since),
            "end_time": _instant(until),
            **FIELDS,
        }
        for _number in range(MOST_PAGES):
            if found.cost + self._price * PAGE > query.budget:
                found.complete, found.note = False, _("The day's budget of this market had no room for more.")
                return
            try:
                data = self._get(client, "/2/tweets/search/recent", params)
            except Retryable:
                if not posts:
                    raise
                # What was paid for is kept; the next round reads the rest.
                found.complete, found.note = False, _("X stopped answering before the last page.")
                return
            posts.update((post.id, post) for post in _posts(data))
            found.cost += self._price * len(data.get("data") or ())
            token = _mapping(data.get("meta")).get("next_token")
            if not token:
                return
            params["next_token"] = str(token)
        found.complete, found.note = False, _("There was more than a round reads.")

    def _get(self, client: httpx2.Client, path: str, params: Mapping[str, str]) -> dict[str, Any]:
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


def _client() -> httpx2.Client:
    return httpx2.Client(
        base_url=settings.SOCIAL_X_URL,
        headers={"Authorization": f"Bearer {settings.SOCIAL_X_TOKEN}", "User-Agent": "Traveloure"},
        timeout=httpx2.Timeout(SECONDS, connect=5.0),
        follow_redirects=False,  # the token is X's alone
        trust_env=False,
    )


def _answer(client: httpx2.Client, path: str, params: Mapping[str, str]) -> dict[str, Any]:
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


def _posts(data: Mapping[str, Any]) -> Iterator[FoundPost]:
    """Those that have all that a post needs. X leaves out authors who are suspended."""
    included = _mapping(data.get("includes")).get("users")
    authors = {str(user.get("id")): _author(user) for user in _mappings(included)}
    for item in _mappings(data.get("data")):
        author, at = authors.get(str(item.get("author_id"))), _time(item.get("created_at"))
        text, number = str(item.get("text") or "").replace("\0", ""), str(item.get("id") or "")
        if not (author and at and text and number.isdecimal()):
            continue
        counts = _mapping(item.get("public_metrics"))
        yield FoundPost(
            id=number,
            author=author,
            text=text[:LONGEST_TEXT],
            at=at,
            language=str(item.get("lang") or "")[:8],
            likes=_count(counts.get("like_count")) or 0,
            reposts=(_count(counts.get("retweet_count")) or 0) + (_count(counts.get("quote_count")) or 0),
            replies=_count(counts.get("reply_count")) or 0,
            views=_count(counts.get("impression_count")),
        )


def _author(user: Mapping[str, Any]) -> FoundAuthor | None:
    handle = handle_of(str(user.get("username") or ""))
    counts, since = _mapping(user.get("public_metrics")), _time(user.get("created_at"))
    if not handle:
        return None
    return FoundAuthor(
        handle=handle,
        name=str(user.get("name") or "").replace("\0", "")[:120],
        bio=str(user.get("description") or "").replace("\0", "")[:1000],
        followers=_count(counts.get("followers_count")),
        following=_count(counts.get("following_count")),
        since=since.date() if since else None,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    """What is no plausible count is unknown."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _time(value: Any) -> datetime | None:
    with suppress(ValueError):
        at = datetime.fromisoformat(str(value))
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
