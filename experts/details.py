"""What the page of an expert says beside the expert's own row."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from experts.models import SUB_RATINGS, Service

# One statement: Django would spend longer on building five than Postgres on answering them.
_DETAILS = f"""
    SELECT
        (SELECT json_agg(json_build_array(language, level) ORDER BY level DESC, language)
            FROM experts_expertlanguage WHERE expert_id = %(expert)s),
        (SELECT json_agg(json_build_array(s.name, k.depth) ORDER BY k.depth DESC, k.id)
            FROM experts_expertspecialty k JOIN experts_specialty s ON s.id = k.specialty_id
            WHERE k.expert_id = %(expert)s),
        (SELECT json_agg(json_build_object(
                'id', id, 'title', title, 'description', description, 'kind', kind, 'includes', includes,
                'group_size_max', group_size_max, 'currency', currency,
                'price', price::text, 'price_unit', price_unit,
                'duration_hours', duration_hours::text, 'duration_days', duration_days) ORDER BY price, id)
            FROM experts_service WHERE expert_id = %(expert)s AND is_active),
        ARRAY(SELECT days FROM experts_unavailableperiod
            WHERE expert_id = %(expert)s AND upper(days) > %(today)s ORDER BY days LIMIT 6),
        (SELECT ARRAY[{", ".join(f"avg({name})" for name in SUB_RATINGS)}]
            FROM bookings_review WHERE expert_id = %(expert)s)
"""  # noqa: S608  # what is put in are names of columns


@dataclass(frozen=True)
class Details:
    languages: list[tuple[str, int]]  # code and level, best first
    specialties: list[tuple[str, int]]  # name and depth, deepest first
    services: list[Service]  # what is offered, the cheapest first
    away: list[Any]  # the next blocked days, ranges of dates
    means: list[Any]  # of SUB_RATINGS, None without reviews


def of(expert_id: int, *, today: date) -> Details:
    with connection.cursor() as cursor:
        cursor.execute(_DETAILS, {"expert": expert_id, "today": today})
        languages, specialties, services, away, means = cursor.fetchone()
    offered = [_service(**one) for one in services or []]
    return Details(languages or [], specialties or [], offered, away, means)


def _service(price: str, duration_hours: str | None, **fields: Any) -> Service:
    hours = None if duration_hours is None else Decimal(duration_hours)
    return Service(price=Decimal(price), duration_hours=hours, **fields)
