"""What becomes of drafts, by tool and prompt version: used as they were, edited, discarded; time saved; cost.

`Draft.outcome` is what content_assistant.learning noted. Costs are those of all versions of the drafts that came to an
end, also of the discarded ones: they are part of what a text that is kept costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DecimalField,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from content_assistant.learning import AS_IS, DISCARDED, EDITED
from content_assistant.models import Draft, Version


@dataclass(frozen=True)
class Row:
    """Of drafts that one version of one prompt wrote, or a template. Where there is nothing to say, None."""

    tool: str
    origin: str
    prompt_version: int | None
    as_is: int
    edited: int
    discarded: int
    distance: float | None  # words changed in a draft that was used
    sentences_kept: float | None  # of all in those, 0 to 1
    minutes: int  # saved in all
    cost: Decimal

    @property
    def kept(self) -> int:
        return self.as_is + self.edited

    @property
    def count(self) -> int:
        return self.kept + self.discarded

    @property
    def cost_per_kept(self) -> Decimal | None:
        return self.cost / self.kept if self.kept else None

    @property
    def minutes_per_kept(self) -> float | None:
        return self.minutes / self.kept if self.kept else None

    def share(self, count: int) -> float | None:
        return count / self.count if self.count else None


def rows(since: datetime) -> list[Row]:
    """Of drafts asked for since then, in one query."""
    costs = Version.objects.filter(draft=OuterRef("pk")).order_by().values("draft")
    spent = costs.annotate(sum=Sum("cost")).values("sum")
    ended = Draft.objects.filter(created_at__gte=since, outcome__kind__in=[AS_IS, EDITED, DISCARDED])
    read = ended.annotate(
        kind=KT("outcome__kind"),
        wrote=Coalesce(KT("outcome__origin"), Value(""), output_field=TextField()),
        prompt=Cast(KT("outcome__prompt_version"), IntegerField()),
        words=Cast(KT("outcome__distance"), FloatField()),
        stayed=Cast(KT("outcome__kept"), IntegerField()),
        said=Cast(KT("outcome__sentences"), IntegerField()),
        saved=Cast(KT("outcome__minutes_saved"), IntegerField()),
        spent=Subquery(spent, output_field=DecimalField()),
    )
    used = ~Q(kind=DISCARDED)
    grouped = (
        read.values("tool", "wrote", "prompt")
        .annotate(
            as_is=Count("pk", filter=Q(kind=AS_IS)),
            edited=Count("pk", filter=Q(kind=EDITED)),
            discarded=Count("pk", filter=Q(kind=DISCARDED)),
            mean_words=Avg("words", filter=used),
            all_stayed=Sum("stayed", filter=used),
            all_said=Sum("said", filter=used),
            all_saved=Sum("saved", filter=used),
            all_spent=Sum("spent"),
        )
        .order_by("tool", "wrote", F("prompt").desc(nulls_last=True))
    )
    return [_row(found) for found in grouped]


def _row(found: Mapping[str, Any]) -> Row:
    return Row(
        tool=found["tool"],
        origin=found["wrote"],
        prompt_version=found["prompt"],
        as_is=found["as_is"],
        edited=found["edited"],
        discarded=found["discarded"],
        distance=found["mean_words"],
        sentences_kept=found["all_stayed"] / found["all_said"] if found["all_said"] else None,
        minutes=found["all_saved"] or 0,
        cost=found["all_spent"] or Decimal(0),
    )


def total(found: list[Row]) -> Row:
    """Over all tools. Words and sentences differ too much between them for a mean."""
    return Row(
        tool="",
        origin="",
        prompt_version=None,
        as_is=sum(row.as_is for row in found),
        edited=sum(row.edited for row in found),
        discarded=sum(row.discarded for row in found),
        distance=None,
        sentences_kept=None,
        minutes=sum(row.minutes for row in found),
        cost=sum((row.cost for row in found), Decimal(0)),
    )
