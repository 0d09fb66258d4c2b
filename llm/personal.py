"""What the door to language models holds about a person: accounts/personal.py."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import personal
from accounts.models import User
from accounts.personal import Held
from llm.models import Call, CallText, Disclosure, StreamedText


def _texts(user: User) -> Any:
    """Also of calls that somebody else or a task made with this person's data."""
    theirs = Disclosure.objects.filter(user=user, call__isnull=False).values("call")
    return CallText.objects.filter(Q(call__user=user) | Q(call__in=theirs))


def declare() -> None:
    ledger = _("What calls of language models cost and which provider got data of yours: without texts.")
    personal.hold(
        "llm",
        Held("call_texts", _texts, personal.delete),
        Held("calls", lambda user: Call.objects.filter(user=user), personal.nothing, stays=ledger),
        Held(
            "disclosures", lambda user: Disclosure.objects.filter(user=user), personal.nothing, stays=ledger
        ),
        Held("streamed_texts", lambda user: StreamedText.objects.filter(user=user), personal.delete),
    )
