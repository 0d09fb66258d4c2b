"""A tiny question to one route, for those who set it up. It is budgeted and booked like any other."""

from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel

from accounts.models import User
from llm import admission, gateway, routing
from llm.errors import LLMError
from llm.models import Call
from llm.prompt import Prompt


class Nothing(BaseModel):
    """A probe needs no facts."""


PROBE = Prompt(
    name="llm.probe",
    version=1,
    purpose="route_test",
    template="Answer with the single word: ready",
    facts=Nothing,
    output=str,
    max_output_tokens=500,  # models that think first need room for it
)


class Outcome(NamedTuple):
    """`words` is empty when it works."""

    words: str
    milliseconds: int | None = None
    cost: Decimal | None = None  # USD; None: the provider did not say what it used


def ask(route_name: str, user: User | None = None) -> Outcome:
    """Ask this route alone, whether it rests or not. No exception: whatever goes wrong is the outcome."""
    asking = gateway.Asking(PROBE, Nothing(), user)
    words = ""
    try:
        asking.of_route(routing.route(route_name))
    except (LLMError, admission.Unavailable) as error:
        words = str(error)
    call = Call.objects.filter(ask_id=asking.question.id).order_by("-attempt").first()
    if call is None:
        return Outcome(words)
    return Outcome(call.error or words, call.duration_ms, call.cost)
