"""What can come of a question besides an answer. `str()` of each is a sentence fit for a page."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from llm.filtering import Verdict
from llm.wire import Reply


class LLMError(Exception):
    """No answer."""


class LimitReached(LLMError):
    """This user, or the whole site, has asked as often as is allowed for now. `lifts_at` is when it ends."""

    def __init__(self, lifts_at: datetime, message: str = "") -> None:
        self.lifts_at = lifts_at
        super().__init__(
            message or _("You have used up your share for now. Please try again a little later.")
        )


class BudgetSpent(LLMError):
    """The day's budget has no room left for the most that this call could cost."""

    def __init__(self) -> None:
        super().__init__(_("Today's budget for language models is used up. It starts anew at midnight UTC."))


class ProviderFailed(LLMError):
    """Every route was tried or rests, and the prompt has no offline writer. `kinds` says how each attempt ended."""

    def __init__(self, kinds: "Sequence[FailureKind]" = ()) -> None:
        self.kinds = tuple(kinds)
        super().__init__(
            _("The language model does not answer at the moment. Please try again in some minutes.")
        )


class OutputRejected(LLMError):
    """A model answered, but nothing usable: not of the asked shape after one repair, refused, cut off or leaking."""

    def __init__(self, kind: "FailureKind", verdicts: Sequence[Verdict] = ()) -> None:
        self.kind = kind
        self.verdicts = tuple(verdicts)
        super().__init__(
            _("The language model gave no usable answer. Please word it differently or try again.")
        )


class Disabled(LLMError):
    """Staff have turned this purpose off, or no provider is configured, and the prompt has no offline writer."""

    def __init__(self) -> None:
        super().__init__(_("This function is turned off at the moment."))


class Cancelled(LLMError):
    """Whoever asked does not want it any more."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled."))


class FailureKind(StrEnum):
    """How one attempt ended without an answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # refused connection, no such host, broken off before or amid the answer
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"  # 5xx
    MALFORMED = "malformed"  # not what the dialect says an answer looks like
    BAD_KEY = "bad_key"  # 401, 403
    UNKNOWN_MODEL = "unknown_model"  # 404
    BAD_REQUEST = "bad_request"  # any other 4xx: asking again changes nothing
    TOO_LONG = "too_long"  # the prompt is over the context size
    REFUSED = "refused"  # the model says that it will not
    TRUNCATED = "truncated"  # the output limit was reached
    FILTERED = "filtered"  # the provider's content filter stopped it
    INVALID = "invalid"  # not of the asked shape
    LEAKED = "leaked"  # it repeats our instructions
    CANCELLED = "cancelled"  # whoever asked went away

    @property
    def retryable(self) -> bool:
        """The same request may succeed on the same route a moment later."""
        return self in {
            self.TIMEOUT, self.UNREACHABLE, self.RATE_LIMITED, self.SERVER_ERROR, self.MALFORMED,
        }  # fmt: skip

    @property
    def fault_of_route(self) -> bool:
        """Another route may do better, and the breaker counts it."""
        return self.retryable or self in {self.BAD_KEY, self.UNKNOWN_MODEL}


class Failure(LLMError):
    """One attempt's end. Never leaves the app. `message` holds no key and no text of a person.

    `retry_after` is in seconds, as the provider asked. `reply` is what had arrived, when it can be paid for.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        reply: Reply | None = None,
    ) -> None:
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.reply = reply
        super().__init__(message)
