"""All that the tools read of an expert beside the expert's own row, and of a thread beside its own, in one statement.

Pages ask for it too, to tell whether a draft is stale: Django would spend longer on seven than Postgres on answering.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from bookings.models import Booking, Inquiry, Message, Side
from experts.models import Expert, Service

MOST_SERVICES, MOST_REVIEWS, MOST_MESSAGES = 12, 4, 12
_OF_SERVICE = [
    *"id title description kind includes unique_aspects audience group_size_max shared currency price_unit".split(),
    *"duration_days instant notice_hours cancellation_policy".split(),
]
_PAIRS = ", ".join(f"'{name}', {name}" for name in _OF_SERVICE)
_READ = f"""
    SELECT
        (SELECT json_agg(json_build_array(s.slug, s.name, k.depth) ORDER BY k.depth DESC, s.position)
            FROM experts_expertspecialty k JOIN experts_specialty s ON s.id = k.specialty_id
            WHERE k.expert_id = %(expert)s),
        (SELECT json_agg(json_build_array(language, level) ORDER BY level DESC, language)
            FROM experts_expertlanguage WHERE expert_id = %(expert)s),
        (SELECT json_agg(json_build_object(
                {_PAIRS}, 'price', price::text, 'duration_hours', duration_hours::text) ORDER BY id)
            FROM (SELECT * FROM experts_service WHERE expert_id = %(expert)s AND is_active
                ORDER BY id LIMIT {MOST_SERVICES}) offered),
        (SELECT json_agg(json_build_array(text, traveler_id) ORDER BY rating DESC, id)
            FROM (SELECT r.text, b.traveler_id, r.rating, r.id
                FROM bookings_review r JOIN bookings_booking b ON b.id = r.booking_id
                WHERE r.expert_id = %(expert)s AND r.state = 'published' AND r.text <> ''
                ORDER BY r.rating DESC, r.id LIMIT {MOST_REVIEWS}) best),
        (SELECT json_agg(json_build_object('side', side, 'body', body, 'contacts', contacts) ORDER BY id)
            FROM (SELECT * FROM bookings_message
                WHERE inquiry_id = %(inquiry)s AND kind = 'text' AND side <> '{Side.SYSTEM}'
                ORDER BY id DESC LIMIT {MOST_MESSAGES}) said),
        (SELECT json_agg(s.name ORDER BY w.must DESC, s.position)
            FROM travelers_tripinterest w JOIN experts_specialty s ON s.id = w.specialty_id
            WHERE w.trip_id = %(trip)s),
        EXISTS (SELECT FROM bookings_booking
            WHERE expert_id = %(expert)s AND traveler_id = %(traveler)s AND state = ANY(%(acquainted)s))
"""  # noqa: S608  # what is put in are names of columns, and numbers of ours


@dataclass(frozen=True)
class Rows:
    specialties: list[tuple[str, str, int]]  # slug, name and depth, the deepest first
    languages: list[tuple[str, int]]  # code and level, the best first
    services: list[Service]  # what is offered, the oldest first
    reviews: list[str]  # of the best the first: a new one makes no draft stale
    reviewers: list[int]  # who wrote them, by user
    messages: list[Message]  # the last of what the two wrote, in the order of writing
    wanted: list[str]  # names of the specialties that the trip is about
    acquainted: bool  # whether the two may see each other's contact details


def of(expert: Expert, inquiry: Inquiry | None = None) -> Rows:
    values = {
        "expert": expert.pk,
        "inquiry": inquiry.pk if inquiry else None,
        "traveler": inquiry.traveler_id if inquiry else None,
        "trip": inquiry.trip_id if inquiry else None,
        "acquainted": list(map(str, Booking.ACQUAINTING)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, values)
        specialties, languages, services, reviews, messages, wanted, acquainted = cursor.fetchone()
    return Rows(
        [tuple(one) for one in specialties or []],
        [tuple(one) for one in languages or []],
        [_service(expert, **one) for one in services or []],
        [text for text, _author in reviews or []],
        [author for _text, author in reviews or []],
        [Message(**one) for one in messages or []],
        wanted or [],
        acquainted,
    )


def _service(expert: Expert, price: str, duration_hours: str | None, **fields: Any) -> Service:
    hours = None if duration_hours is None else Decimal(duration_hours)
    return Service(expert=expert, price=Decimal(price), duration_hours=hours, **fields)
