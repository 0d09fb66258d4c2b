"""Slack's web API, by Slack's own client. Failures come out as jobs know them."""

from typing import Any
from urllib.error import URLError

from django.conf import settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from jobs.errors import OutcomeUnknown, Permanent, Retryable

SECONDS = 5
# What Slack says where another moment may be better.
_PASSING = {"ratelimited", "rate_limited", "internal_error", "service_unavailable", "request_timeout"}


def is_connected() -> bool:
    return bool(
        settings.SOCIAL_SLACK_TOKEN and settings.SOCIAL_SLACK_SECRET and settings.SOCIAL_SLACK_CHANNEL
    )


def call(method: str, **given: Any) -> dict[str, Any]:
    """`chat.postMessage` and the like, once: jobs/ alone retries. Raises Retryable, Permanent or OutcomeUnknown."""
    client = WebClient(
        token=settings.SOCIAL_SLACK_TOKEN,
        base_url=settings.SOCIAL_SLACK_URL,
        timeout=SECONDS,
        retry_handlers=[],
    )
    try:
        response = client.api_call(method, json=given)
    except SlackApiError as error:
        raise _refusal(method, error) from error
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise Retryable("Slack is away: the connection was refused.") from error
        raise OutcomeUnknown(f"Slack stopped answering: {error.reason}") from error
    except (OSError, SlackRequestError) as error:
        raise OutcomeUnknown(f"Slack stopped answering: {type(error).__name__}") from error
    data = response.data
    return data if isinstance(data, dict) else {}


def _refusal(method: str, error: SlackApiError) -> Exception:
    response = error.response
    status = getattr(response, "status_code", 0)
    said = str(response.get("error") or status) if hasattr(response, "get") else str(status)
    if status == 429:
        after = str(response.headers.get("Retry-After") or response.headers.get("retry-after") or "")
        return Retryable("Slack asks to wait.", delay=float(after) + 1 if after.isdecimal() else 60.0)
    if status >= 500 or said in _PASSING:
        return OutcomeUnknown(f"Slack answered {said} to {method}.")
    return Permanent(f"Slack answered {said} to {method}.")
