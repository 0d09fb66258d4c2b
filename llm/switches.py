"""Whether a purpose may ask models: staff decide, every process knows within MEMORY_SECONDS."""

import time

from django.db import transaction

from accounts import audit
from accounts.models import User
from llm.models import Switch

MEMORY_SECONDS = 2.0
_off: frozenset[str] = frozenset()
_read_at = float("-inf")


def enabled(purpose: str) -> bool:
    global _off, _read_at
    if time.monotonic() - _read_at > MEMORY_SECONDS:
        _off = frozenset(Switch.objects.filter(enabled=False).values_list("purpose", flat=True))
        _read_at = time.monotonic()
    return purpose not in _off


@transaction.atomic
def turn(purpose: str, *, on: bool, by: User, reason: str = "") -> Switch:
    switch, _new = Switch.objects.update_or_create(
        purpose=purpose, defaults={"enabled": on, "reason": reason}
    )
    audit.record(action="llm.switch", target=switch, by=by, purpose=purpose, on=on, reason=reason)
    transaction.on_commit(forget)
    return switch


def forget() -> None:
    global _read_at
    _read_at = float("-inf")
