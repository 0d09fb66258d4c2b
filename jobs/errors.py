"""How a failure tells its job what comes next. Whoever calls out raises these; only jobs/ retries.

Any other exception counts as Retryable, but is reported as a bug.
"""


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
