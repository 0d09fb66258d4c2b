"""What the assistant holds about a person: accounts/personal.py."""

from accounts import personal
from accounts.personal import Held
from content_assistant.models import Draft, Ruling, Token, Version


def declare() -> None:
    personal.hold(
        "content_assistant",
        Held("texts", lambda user: Version.objects.filter(draft__expert__user=user), personal.delete),
        Held("drafts", lambda user: Draft.objects.filter(expert__user=user), personal.delete),
        # A reply that was never sent is the expert's; it goes with the traveler it speaks to.
        Held(
            "drafts_to_me",
            lambda user: Draft.objects.filter(inquiry__traveler=user),
            personal.delete,
            without=frozenset({"params", "replaced", "outcome", "key"}),
        ),
        Held(
            "tokens",
            lambda user: Token.objects.filter(user=user),
            personal.delete,
            without=frozenset({"digest"}),
        ),
    )
    personal.exempt(Ruling, "Why our team looked at a text and what they said; it goes with the text.")
