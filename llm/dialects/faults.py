"""What went wrong with a call, told apart. Messages never repeat what a provider wrote: it may quote the prompt."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from llm.errors import Failure, FailureKind
from llm.wire import Reply

if TYPE_CHECKING:
    import httpx2

MOST_ERROR_BYTES = 64 * 1024
LONGEST_MESSAGE = (
    300  # what comes later in a message is more likely quoted from the prompt than said about it
)
UNKNOWN = Reply(text="", model="", usage=None)  # nobody knows what the provider did and will bill

KIND_OF_STATUS = {
    401: FailureKind.BAD_KEY,
    402: FailureKind.BAD_KEY,
    403: FailureKind.BAD_KEY,
    404: FailureKind.UNKNOWN_MODEL,
    408: FailureKind.TIMEOUT,
    413: FailureKind.TOO_LONG,
    429: FailureKind.RATE_LIMITED,
}
# Providers say the same thing by status, by code or only in words. The first that matches wins.
KIND_OF_WORDS = (
    (FailureKind.TOO_LONG, r"context_length|context length|prompt is too long|maximum prompt length|request_too_large"),
    (FailureKind.BAD_KEY, r"insufficient_quota|billing|credit balance|incorrect api key|invalid api key|invalid_api_key"
                          r"|authentication_error|permission_error"),
    (FailureKind.UNKNOWN_MODEL, r"model_not_found|not_found_error|model \S+ does not exist"),
    (FailureKind.FILTERED, r"content.filter|content_policy|invalid_prompt|usage guidelines|safety_check"),
    (FailureKind.RATE_LIMITED, r"rate_limit"),
    (FailureKind.SERVER_ERROR, r"overloaded|server_error|api_error|unavailable|vector_store_timeout"),
)  # fmt: skip


def of_response(provider: str, response: "httpx2.Response") -> Failure:
    """Of an answer with an error status. Its body was read by the client already."""
    status = response.status_code
    kind = _kind(status, _words(response.content[:MOST_ERROR_BYTES]))
    return Failure(
        kind,
        _("%(provider)s answered with HTTP status %(status)s.") % {"provider": provider, "status": status},
        status=status,
        retry_after=retry_after(response.headers),
    )


def _kind(status: int, words: str) -> FailureKind:
    if status >= 500:
        return FailureKind.SERVER_ERROR
    if 300 <= status < 400:
        return FailureKind.MALFORMED  # no redirect is followed: the key would go where nobody sent it
    by_words = of_words(words)
    if status == 429 and by_words is not FailureKind.BAD_KEY:
        return FailureKind.RATE_LIMITED
    return by_words or KIND_OF_STATUS.get(status, FailureKind.BAD_REQUEST)


def of_words(words: str) -> FailureKind | None:
    lowered = words.lower()
    return next((kind for kind, pattern in KIND_OF_WORDS if re.search(pattern, lowered)), None)


def _words(body: bytes) -> str:
    """Type, code and message of an error, as each provider nests them."""
    try:
        data = json.loads(body)
    except ValueError:
        return ""
    return words_of(data)


def words_of(data: Any) -> str:
    if not isinstance(data, Mapping):
        return ""
    error = data.get("error")
    nested = error if isinstance(error, Mapping) else data
    said = (str(nested.get(key) or "") for key in ("type", "code", "message", "error"))
    return " ".join(words[:LONGEST_MESSAGE] for words in said)


def of_event(provider: str, data: Mapping[str, Any]) -> Failure:
    """Of an error that came inside a successful answer."""
    kind = of_words(words_of(data)) or FailureKind.SERVER_ERROR
    return Failure(kind, _("%(provider)s broke off with an error.") % {"provider": provider})


def of_transport(provider: str, error: BaseException | None) -> Failure:
    """Once the question is out, the provider may be at work, and send an invoice for it."""
    import httpx2  # noqa: PLC0415  # loaded by whoever got the error

    unsent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.WriteError)
    reply = None if isinstance(error, unsent) else UNKNOWN
    if isinstance(error, httpx2.TimeoutException) and not isinstance(error, unsent):
        words = _("%(provider)s did not answer in time.") % {"provider": provider}
        return Failure(FailureKind.TIMEOUT, words, reply=reply)
    words = _("The connection to %(provider)s failed (%(error)s).")
    return Failure(
        FailureKind.UNREACHABLE, words % {"provider": provider, "error": type(error).__name__}, reply=reply
    )


def malformed(provider: str) -> Failure:
    words = _("%(provider)s sent something that is no answer.") % {"provider": provider}
    return Failure(FailureKind.MALFORMED, words, reply=UNKNOWN)


def cut_off(provider: str, arrived: Sequence[str]) -> Failure:
    """Of a stream that ended without its end."""
    if not arrived:
        return malformed(provider)
    return Failure(
        FailureKind.UNREACHABLE, _("%(provider)s broke off amid the answer.") % {"provider": provider}
    )


def stopped(provider: str, kind: FailureKind, reply: Reply) -> Failure:
    """Of an answer that came, was paid for, and cannot be used."""
    said = {
        FailureKind.REFUSED: _("The model of %(provider)s refused to answer."),
        FailureKind.TRUNCATED: _("The answer of %(provider)s reached the limit of its length."),
        FailureKind.FILTERED: _("The content filter of %(provider)s stopped the answer."),
        FailureKind.TOO_LONG: _("The question is too long for the model of %(provider)s."),
        FailureKind.MALFORMED: _("%(provider)s sent an empty answer."),
    }
    return Failure(kind, said[kind] % {"provider": provider}, reply=reply)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number of them or a date."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
