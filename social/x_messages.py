"""Direct messages of the X API v2, as an account of ours.

https://docs.x.com/x-api/direct-messages: only a user's own keys may, signed by OAuth 1.0a (RFC 5849, HMAC-SHA1), since
those do not expire. A JSON body is no part of what is signed.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from jobs.errors import OutcomeUnknown, Permanent, Retryable
from social.sources.base import handle_of, mapping, mappings
from social.sources.x_api import MOST_BYTES, RateLimited, until_reset

if TYPE_CHECKING:
    import httpx2

SECONDS = 20.0
MOST_PAGES = 10
LONGEST_ID = 20  # numbers of 64 bits
EVENTS = {
    "event_types": "MessageCreate",
    "dm_event.fields": "id,text,created_at,sender_id",
    "expansions": "sender_id",
    "user.fields": "username",
    "max_results": "100",
}


@dataclass(frozen=True)
class Received:
    """What somebody wrote to our account: `sender` is X's number for them, which outlives their handle."""

    id: str
    sender: str
    handle: str
    text: str
    at: datetime


def is_connected() -> bool:
    return all(settings.SOCIAL_X_ACCOUNT.values())


def user_id(handle: str) -> str:
    """By which X knows this person now. Raises RateLimited, Retryable or Permanent."""
    data = _ask("GET", f"/2/users/by/username/{quote(handle, safe='')}")
    found = str(mapping(data.get("data")).get("id") or "")
    if not (found.isdecimal() and len(found) <= LONGEST_ID):
        raise Permanent(_("X knows nobody by this handle any more."))
    return found


def send(to: str, text: str) -> None:
    """Raises what says that it surely was not sent (RateLimited, Retryable, Permanent), or OutcomeUnknown."""
    _ask("POST", f"/2/dm_conversations/with/{to}/messages", body={"text": text})


def received(since: datetime) -> Iterator[Received]:
    """Newest first, back to this moment."""
    params = dict(EVENTS)
    for _page in range(MOST_PAGES):
        data = _ask("GET", "/2/dm_events", params=params)
        users = mapping(data.get("includes")).get("users")
        handles = {str(one.get("id")): handle_of(str(one.get("username") or "")) for one in mappings(users)}
        for item in mappings(data.get("data")):
            message = _message(item, handles)
            if message and message.at < since:
                return
            if message and message.sender:
                yield message
        token = mapping(data.get("meta")).get("next_token")
        if not token:
            return
        params["pagination_token"] = str(token)


def _message(item: Mapping[str, Any], handles: Mapping[str, str]) -> Received | None:
    with suppress(ValueError):
        at = datetime.fromisoformat(str(item.get("created_at")))
        text = str(item.get("text") or "").replace("\0", "")
        sender = str(item.get("sender_id") or "")
        return Received(str(item.get("id") or ""), sender, handles.get(sender, ""), text, at)
    return None


def _ask(
    method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    import httpx2  # noqa: PLC0415  # a tenth of a second, and needed where X is asked alone

    url = f"{settings.SOCIAL_X_URL}{path}"
    headers = {"Authorization": authorization(method, url, params or {}), "User-Agent": "Traveloure"}
    try:
        with httpx2.Client(
            timeout=httpx2.Timeout(SECONDS, connect=5.0), follow_redirects=False, trust_env=False
        ) as client:
            response = client.request(method, url, params=dict(params or {}), json=body, headers=headers)
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise Retryable(f"X is away: {type(error).__name__}") from error
    except httpx2.HTTPError as error:
        raise _lost(method, f"X stopped answering: {type(error).__name__}") from error
    _judge(method, response)
    data: Any = None
    with suppress(ValueError):
        data = response.json() if len(response.content) <= MOST_BYTES else None
    if isinstance(data, dict):
        return data
    if method == "POST":
        return {}  # it said yes
    raise Retryable("X answered something that is no JSON object.")


def _judge(method: str, response: "httpx2.Response") -> None:
    status = response.status_code
    if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(until_reset(response.headers))
    if status >= 500:
        raise _lost(method, f"X answered {status}.")
    if status == HTTPStatus.UNAUTHORIZED:
        raise Permanent(_("X refuses the keys of our account."))
    if status == HTTPStatus.FORBIDDEN:
        raise Permanent(_("X does not let us write to this person."))
    raise Permanent(f"X answered {status}.")


def _lost(method: str, said: str) -> Exception:
    """A message may have left before the answer was lost; a question can be asked again."""
    return OutcomeUnknown(said) if method == "POST" else Retryable(said)


# OAuth 1.0a


def authorization(
    method: str, url: str, params: Mapping[str, str], *, nonce: str = "", timestamp: str = ""
) -> str:
    """The header that signs a request."""
    keys = settings.SOCIAL_X_ACCOUNT
    given = {
        "oauth_consumer_key": keys["key"],
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": timestamp or str(int(time.time())),
        "oauth_token": keys["access"],
        "oauth_version": "1.0",
    }
    pairs = sorted((_escape(name), _escape(value)) for name, value in {**params, **given}.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(map(_escape, (method, url, joined)))
    secret = f"{_escape(keys['key_secret'])}&{_escape(keys['access_secret'])}"
    digest = hmac.new(secret.encode(), base.encode(), hashlib.sha1).digest()  # what OAuth 1.0a asks for
    signed = given | {"oauth_signature": base64.b64encode(digest).decode()}
    return "OAuth " + ", ".join(f'{name}="{_escape(value)}"' for name, value in sorted(signed.items()))


def _escape(text: str) -> str:
    return quote(text, safe="~")
