"""How a failure tells its job what comes next. Whoever calls out raises these; only jobs/ retries.

Any other exception counts as Retryable, but is reported as a bug.
"""

from collections.abc import Callable

LONGEST_TEXT = 2000


class Retryable(Exception):
    """It did not happen and may work later: in `delay` seconds, or after the usual back-off."""

    def __init__(self, message: str, *, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class Permanent(Exception):
    """It did not happen and never can with these arguments: a dead letter at once."""


class OutcomeUnknown(Permanent):
    """An effect was tried before and nobody knows whether it happened. A person decides."""


class LeaseLost(Exception):
    """The job belongs to another run by now, or is over. What this run did is rolled back."""


class BrokerDown(Exception):
    """The broker takes no messages at the moment. Nothing is lost: the sweeper sends them later."""


def failure_of(act: Callable[[], object]) -> Exception | None:
    """Do it; what it raised, or None.

    The one broad `except` of jobs/: bodies, effects and `on_dead` belong to the apps, and whatever they raise is the
    outcome of a job, which its row must tell. A worker that is told to stop is no outcome and goes through.
    """
    try:
        act()
    except Exception as error:  # noqa: BLE001  # the callers judge it
        return error
    return None


def text_of(error: Exception) -> str:
    """Its type and message, as far as Postgres can store them."""
    text = f"{type(error).__name__}: {error}".replace("\0", "")
    return text.encode(errors="replace").decode()[:LONGEST_TEXT]
