"""How long an expert lets travelers wait: measured from their threads, never asked.

A turn opens with what a traveler says after the expert spoke last, or first of all, and ends with whatever the expert
says next. What only tells of an offer's end asks for no answer.

An inquiry that the expert never answered counts as the time it has waited, once that is longer than a day: nobody keeps
a good figure by falling silent. What stays unanswered at the end of a conversation does not; often it is thanks.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from bookings.models import Message, Side
from experts.search import LOCK

COUNTED = timedelta(days=90)
PATIENCE = timedelta(days=1)
FEWEST_TURNS = 3

_ENDS = [Message.Kind.ACCEPTED, Message.Kind.WITHDRAWN]
ASKS = Q(side=Side.TRAVELER) & ~Q(kind__in=_ENDS)
ANSWERS = Q(side=Side.EXPERT)

# The same two in SQL. Of each thread the entries that begin what one side says; what stands after one of them
# is the other's. A tenth of an hour is the least that is said.
HOURS = """
    SELECT expert_id, greatest(round(
        percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM coalesce(answered, %(now)s) - asked))::numeric / 3600, 1), 0.1)
    FROM (
        SELECT expert_id, traveler_id, spoke, side, created_at asked, lead(created_at) OVER thread answered
        FROM (
            SELECT i.expert_id, i.traveler_id, m.inquiry_id, m.id, m.side, m.created_at,
                bool_or(m.side = 'expert') OVER (PARTITION BY m.inquiry_id) spoke,
                lag(m.side) OVER (PARTITION BY m.inquiry_id ORDER BY m.id) before
            FROM bookings_inquiry i
            JOIN bookings_message last ON last.id = i.last_message_id AND last.created_at >= %(since)s
            JOIN bookings_message m ON m.inquiry_id = i.id
            WHERE (%(expert)s::bigint IS NULL OR i.expert_id = %(expert)s)
                AND (m.side = 'expert' OR m.side = 'traveler' AND m.kind NOT IN ('accepted', 'withdrawn'))
        ) said
        WHERE before IS DISTINCT FROM side
        WINDOW thread AS (PARTITION BY inquiry_id ORDER BY id)
    ) turns
    WHERE side = 'traveler' AND asked >= %(since)s AND (
        answered IS NOT NULL
        OR NOT spoke AND asked < %(now)s - %(patience)s AND NOT EXISTS (
            SELECT FROM bookings_block b JOIN experts_expert x ON x.id = expert_id
            WHERE (b.by_id, b.whom_id) IN ((x.user_id, traveler_id), (traveler_id, x.user_id))
        )
    )
    GROUP BY expert_id HAVING count(*) >= %(fewest)s
"""
_KEEP = """
    UPDATE experts_expert x SET response_hours = measured.hours
    FROM unnest(%s::bigint[], %s::numeric[]) AS measured(expert, hours)
    WHERE x.id = measured.expert AND x.response_hours <> measured.hours
"""


def values(expert_id: int | None = None) -> dict[str, Any]:
    """What HOURS is asked with, of one expert or of all."""
    now = timezone.now()
    return {
        "now": now,
        "since": now - COUNTED,
        "patience": PATIENCE,
        "fewest": FEWEST_TURNS,
        "expert": expert_id,
    }


def hours() -> dict[int, Decimal]:
    """By expert the median of their turns; of those with too few, nothing."""
    with connection.cursor() as cursor:
        cursor.execute(HOURS, values())
        return dict(cursor.fetchall())


@transaction.atomic
def keep(measured: Iterable[tuple[int, Decimal]]) -> None:
    """Let matching and profiles read what was measured. Whoever is not among these keeps what was measured last,
    which is the newest there is, or else the first guess.
    """
    rows = sorted(measured)
    experts = [expert for expert, _hours in rows]
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [experts])
        cursor.execute(_KEEP, [experts, [found for _expert, found in rows]])
