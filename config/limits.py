"""Exact limits: a moving window in Redis, counted by one Lua script, so that no burst slips through between two steps.

settings.RATE_LIMITS names them. While Redis is away requests go through: the site without limits for a minute is a
smaller harm than the site closed, and sign-in still costs a slow password hash a try.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts import drafts
from bookings.inquiry_forms import OFFER_FIELDS
from config import client
from config.views import too_many

log = structlog.get_logger(__name__)

# A request waits at most this long for a Redis that hangs …
PATIENCE_SECONDS = 0.3
# … and then one request per process and this many seconds does, not each of them.
REST_SECONDS = 5.0
_resting_until = 0.0


@dataclass(frozen=True)
class Rule:
    """One of settings.RATE_LIMITS, for requests by these methods."""

    limit: str
    methods: tuple[str, ...] = ("POST",)
    # Counts per address and per account instead of per visitor. The form's field that names the account, or "" where
    # the session does.
    account: str | None = None
    # What was typed into these fields waits in the session, so that whoever was too quick loses nothing.
    keeps: tuple[str, ...] = ()

    def whom(self, request: HttpRequest) -> list[str]:
        if self.account is None:
            return [_visitor(request)]
        return [f"address:{client.address(request)}", *_account(request, self.account)]


# By url name. One table, because the apps stand below this module and because a limit is looked for in one place.
RULES = {
    "account_login": Rule("sign_in", account="login"),
    "account_reauthenticate": Rule("sign_in", account=""),
    "account_change_password": Rule("sign_in", account=""),
    "mfa_authenticate": Rule("sign_in", account=""),
    "mfa_reauthenticate": Rule("sign_in", account=""),
    "account_signup": Rule("sign_up", account="email"),
    "account_reset_password": Rule("password_reset", account="email"),
    "account_email": Rule("email_change", account=""),  # it mails whoever is named
    "account_data_erase": Rule("sign_in", account=""),  # it asks for the password
    "account_data_export": Rule("personal_data"),
    "travelers:trip_create": Rule("trip"),
    "travelers:trip_edit": Rule("trip"),
    "bookings:inquire": Rule("inquiry"),
    "bookings:join_waitlist": Rule("waitlist"),
    "inquiries:thread": Rule("message", keeps=("body",)),
    "inquiries:offer": Rule("offer", keeps=OFFER_FIELDS),
    "inquiries:counter": Rule("offer", keeps=OFFER_FIELDS),
    "inquiries:accept": Rule("offer"),
    "inquiries:withdraw": Rule("offer"),
    "inquiries:block": Rule("report"),
    "inquiries:report": Rule("report", keeps=("reason", "text")),
    "inquiries:attachment": Rule("download", methods=("GET", "HEAD")),
    "bookings:review": Rule("review"),
    "bookings:review_reply": Rule("review"),
    "bookings:book": Rule("booking"),
    "bookings:move": Rule("booking"),
    "bookings:propose": Rule("booking"),
    "bookings:answer": Rule("booking"),
    "bookings:dispute": Rule("dispute", keeps=("reason", "text")),
    "matching:fit_feedback": Rule("feedback"),
    "matching:receipt": Rule("feedback"),
    "experts:calendar_import": Rule("calendar_import"),  # it makes us call out
    "experts:calendar_source": Rule("calendar_import"),
    "experts:apply_step": Rule("application"),
    "experts:photos": Rule("photo"),
    "experts:service_create": Rule("service"),
    "assistant:create": Rule("draft"),
    "assistant:again": Rule("draft"),
    "assistant:generate": Rule("draft"),
    "assistant:token": Rule("token"),
    "notices:preferences": Rule("preferences"),
    "language": Rule("preferences"),
    "markets:search": Rule("search", methods=("GET", "HEAD")),
    "experts:browse": Rule("search", methods=("GET", "HEAD")),
    "experts:favourite": Rule("favourite"),
    "bookings:leave_waitlist": Rule("unsubscribe"),
}


class Middleware:
    """Sign-in, sign-up and password reset count per address and per account, so that neither many accounts from one
    place nor one account from many places can be tried; everything else per user, or per address of visitors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        """When Django knows the view: to find it takes a look at every address of the site."""
        assert request.resolver_match
        rule = RULES.get(request.resolver_match.view_name)
        if rule and request.method in rule.methods and (seconds := excess(rule.limit, rule.whom(request))):
            drafts.keep(request, rule.keeps)
            return too_many(request, seconds)
        return None


def excess(name: str, whom: Iterable[str]) -> int:
    """Count one use for each of `whom`. Seconds until the limit lifts if one of them is over it, otherwise 0."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return 0
    item = parse(settings.RATE_LIMITS[name])
    try:
        waits = [_wait(item, name, key) for key in whom]
    except RedisError as error:
        _resting_until = time.monotonic() + REST_SECONDS
        log.warning("limits_off", error=str(error), rest_seconds=REST_SECONDS)
        return 0
    return max(waits)


def _wait(item: RateLimitItem, name: str, key: str) -> int:
    limiter = _limiter(settings.REDIS_URL)
    if limiter.hit(item, name, key):
        return 0
    return max(ceil(limiter.get_window_stats(item, name, key).reset_time - time.time()), 1)


@lru_cache(maxsize=1)
def _limiter(url: str) -> MovingWindowRateLimiter:
    storage = RedisStorage(
        url.replace("unix://", "redis+unix://"),
        key_prefix="traveloure:limit",
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed on to redis-py as it is
    )
    return MovingWindowRateLimiter(storage)


def _visitor(request: HttpRequest) -> str:
    return (
        f"user:{request.user.pk}" if request.user.is_authenticated else f"address:{client.address(request)}"
    )


def _account(request: HttpRequest, field: str) -> list[str]:
    """Who is to be signed in: by the form's address, by the half-finished sign-in, or by the session."""
    if field:
        account = request.POST.get(field, "").strip().lower()
    elif request.user.is_authenticated:
        account = str(request.user.pk)
    else:
        account = str(request.session.get("account_login", {}).get("user_pk", ""))
    # Hashed: Redis need not know who signs in.
    return [f"account:{sha256(account.encode()).hexdigest()}"] if account else []
