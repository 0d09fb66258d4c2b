"""Slack by its own client: the web API with our token, and webhooks. Failures come out as jobs know them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from socket import gaierror
from typing import Any
from urllib.error import URLError

from django.conf import settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.webhook import WebhookClient

from jobs.errors import OutcomeUnknown, Permanent, Retryable

SECONDS = 10
# What Slack says where nothing was done and it may be later; and where it cannot say what was done.
_LATER = {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org"}
_UNKNOWN = {"internal_error", "fatal_error", "request_timeout"}


class Gone(Permanent):
    """There is no such message any more."""


def has_token() -> bool:
    return bool(settings.SOCIAL_SLACK_TOKEN)


def is_connected() -> bool:
    """For the queue with its buttons: they come back signed."""
    return has_token() and bool(settings.SOCIAL_SLACK_SECRET and settings.SOCIAL_SLACK_CHANNEL)


def call(method: str, **given: Any) -> dict[str, Any]:
    """`chat.update` and the like, once: jobs/ alone retries. Raises Retryable, Permanent or OutcomeUnknown."""
    client = WebClient(
        token=settings.SOCIAL_SLACK_TOKEN,
        base_url=settings.SOCIAL_SLACK_URL,
        timeout=SECONDS,
        retry_handlers=[],
    )
    try:
        with _reached():
            data = client.api_call(method, json=given).data
    except SlackApiError as error:
        response = error.response
        raise failure(response.status_code, str(response.get("error")), response.headers) from error
    return data if isinstance(data, dict) else {}


def post(channel: str, **message: Any) -> str:
    """What Slack calls the message: its channel and time."""
    answer = call("chat.postMessage", channel=channel, **message)
    return f"{answer.get('channel')} {answer.get('ts')}"[:120]


def again(method: str, message: str, **given: Any) -> None:
    """About a message that is there. What may be done twice is tried again where the answer was lost."""
    channel, _space, at = message.partition(" ")
    try:
        call(method, channel=channel, ts=at, **given)
    except OutcomeUnknown as error:
        raise Retryable(str(error)) from error


def post_to_webhook(url: str, message: dict[str, Any]) -> None:
    """Slack says nothing about such a message by which it could be found again. Raises as `call` does."""
    with _reached():
        answer = WebhookClient(url, timeout=SECONDS, retry_handlers=[]).send_dict(message)
    if answer.status_code != 200:
        raise failure(answer.status_code, answer.body[:200], answer.headers)


def failure(status: int, said: str, headers: Mapping[str, str]) -> Exception:
    """What it means that Slack did not say yes."""
    told = f"Slack answered {status}: {said}"
    if status in {429, 503} or said in _LATER:
        after = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        return Retryable(told, delay=float(after) + 1 if after.isdecimal() else None)
    is_word = said.replace("_", "").isalnum()  # else it is no answer of Slack's, but of something between
    if status >= 500 or said in _UNKNOWN or (status == 200 and not is_word):
        return OutcomeUnknown(told)
    return Gone(told) if said == "message_not_found" else Permanent(told)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, SlackRequestError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ConnectionRefusedError | gaierror):
            raise Retryable(f"Slack is away: {reason}") from error
        raise OutcomeUnknown(f"Slack stopped answering: {type(reason).__name__}") from error
