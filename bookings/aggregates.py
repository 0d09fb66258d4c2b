"""What is counted and indexed of an expert's reviews and bookings: here alone is written which rows count."""

from collections.abc import Iterable

from django.db import connection, transaction

from experts import search
from experts.search import LOCK

_PUBLIC = "state = 'published'"
_RECENT = "published_at > now() - interval '1 year'"
_RECOUNT = f"""
    UPDATE experts_expert x SET
        review_count = r.reviews, rating_sum = r.rating,
        recent_review_count = r.recent, recent_rating_sum = r.recent_rating,
        communication_count = r.reviews, communication_sum = r.communication,
        value_count = r.reviews, value_sum = r.value,
        completed_bookings = b.completed, repeat_clients = b.repeated
    FROM unnest(%s::bigint[]) AS chosen(expert)
    CROSS JOIN LATERAL (
        SELECT count(*) reviews, coalesce(sum(rating), 0) rating,
            count(*) FILTER (WHERE {_RECENT}) recent,
            coalesce(sum(rating) FILTER (WHERE {_RECENT}), 0) recent_rating,
            coalesce(sum(communication), 0) communication, coalesce(sum(value), 0) value
        FROM bookings_review WHERE expert_id = chosen.expert AND {_PUBLIC}
    ) r
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(times), 0) completed, count(*) FILTER (WHERE times > 1) repeated
        FROM (
            SELECT count(*) times FROM bookings_booking
            WHERE expert_id = chosen.expert AND state = 'completed' GROUP BY traveler_id
        ) clients
    ) b
    WHERE x.id = chosen.expert
"""  # noqa: S608  # what is put in are constants
_AGED = f"""
    SELECT x.id FROM experts_expert x
    LEFT JOIN (
        SELECT expert_id, count(*) reviews, sum(rating) rating
        FROM bookings_review WHERE {_PUBLIC} AND {_RECENT} GROUP BY expert_id
    ) r ON r.expert_id = x.id
    WHERE (x.recent_review_count, x.recent_rating_sum) <> (coalesce(r.reviews, 0), coalesce(r.rating, 0))
"""  # noqa: S608  # what is put in are constants
# A review whose author's account was erased counts on, and says nothing.
_WITHDRAWN = f"""
    DELETE FROM experts_evidence e
    WHERE e.kind = 'review' AND e.expert_id = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM bookings_review r
        WHERE r.id = e.source_id AND r.expert_id = e.expert_id AND r.{_PUBLIC} AND r.text <> ''
    )
"""  # noqa: S608
_REVIEW_TEXTS = f"""
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT expert_id, 'review', id, text FROM bookings_review
    WHERE expert_id = ANY(%s) AND {_PUBLIC} AND text <> ''
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""  # noqa: S608


@transaction.atomic
def recount(expert_ids: Iterable[int]) -> None:
    """Make the counts and sums of these experts equal to their rows."""
    ids = sorted(set(expert_ids))
    with connection.cursor() as cursor:
        for statement in (LOCK, _RECOUNT):
            cursor.execute(statement, [ids])


@transaction.atomic
def refresh_experts(expert_ids: Iterable[int]) -> None:
    """Make these experts' ratings, counts, evidence and search terms equal to their rows."""
    ids = sorted(set(expert_ids))
    recount(ids)
    with connection.cursor() as cursor:
        for statement in (_WITHDRAWN, _REVIEW_TEXTS):
            cursor.execute(statement, [ids])
    search.reindex(ids)


def with_aged_reviews() -> list[int]:
    """The experts whose last year is not the one that was counted: time has passed, and nothing else tells them."""
    with connection.cursor() as cursor:
        cursor.execute(_AGED)
        return [expert for (expert,) in cursor.fetchall()]
