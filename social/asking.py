"""A question of a round: to a model while the market's day has room for it, else to the writer without one."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel

from jobs.errors import Retryable
from llm import door

FactsT = TypeVar("FactsT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)

# The most that one question about stored posts may cost, a mending turn included.
MOST_USD = Decimal("0.50")
# A post that is shown to a model.
LONGEST_SHOWN = 400


@dataclass(frozen=True)
class Heard(Generic[OutputT]):
    output: OutputT
    by_model: bool
    cost: Decimal = Decimal(0)
    note: str = ""
    verdicts: Any = ()  # places in the output that the output filter has something against

    def is_flagged(self, place: str) -> bool:
        return any(one == place or one.startswith(f"{place}.") for one in self.verdicts)


def ask(prompt: "door.Prompt[FactsT, OutputT]", facts: FactsT, *, room: Decimal) -> Heard[OutputT]:
    """Not in a transaction. Raises Retryable where a limit lifts soon."""
    if room < MOST_USD:
        return without_model(prompt, facts, _("The day's budget of this market had no room for a model."))
    try:
        answer = door.ask(prompt, facts)
    except door.LimitReached as error:
        raise Retryable(str(error), delay=300) from error
    except door.LLMError as error:
        return without_model(prompt, facts, str(error))
    by_model = answer.origin is not door.Origin.OFFLINE
    cost = (
        answer.cost if answer.origin is door.Origin.MODEL else Decimal(0)
    )  # what is kept was paid for before
    return Heard(answer.output, by_model, cost, answer.notice, frozenset(answer.verdicts))


def without_model(prompt: "door.Prompt[FactsT, OutputT]", facts: FactsT, note: str) -> Heard[OutputT]:
    assert prompt.offline is not None
    return Heard(prompt.offline(facts), by_model=False, note=note)


def shown(text: str) -> str:
    """A post as a model sees it: without what it says to the model."""
    return door.without_orders(text).text[:LONGEST_SHOWN]


def refused(text: str, longest: int) -> str:
    """Why a sentence of a model is not kept, or ""."""
    if len(text) > longest:
        return "too_long"
    return "order" if door.orders(text) else ""
