"""Experts somebody wants to come back to."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import User
from experts.models import Expert, Favourite


@transaction.atomic
def like(*, by: User, expert: Expert, on: bool) -> None:
    """Mark or unmark. A second click asks for the same and changes nothing."""
    if on:
        Favourite.objects.get_or_create(user=by, expert=expert)
    else:
        Favourite.objects.filter(user=by, expert=expert).delete()


def among(user: Any, experts: Sequence[int]) -> frozenset[int]:
    """Which of these the user likes."""
    if not (experts and user.is_authenticated):
        return frozenset()
    return frozenset(pk for (pk,) in LIKED.rows(user=user.pk, experts=list(experts)))


LIKED: CompiledQuery[tuple[int]] = CompiledQuery(
    lambda: Favourite.objects.filter(user=Parameter("user"), expert__any_of=Parameter("experts")).values_list(
        "expert"
    )
)
