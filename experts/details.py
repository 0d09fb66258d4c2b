"""What the page of an expert says beside the expert's own row."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from experts import themes
from experts.models import SUB_RATINGS, Photo, Service, Verification
from experts.themes import Theme

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
                'unique_aspects', unique_aspects, 'audience', audience, 'group_size_max', group_size_max,
                'shared', shared, 'currency', currency, 'price', price::text, 'price_unit', price_unit,
                'duration_hours', duration_hours::text, 'duration_days', duration_days, 'instant', instant,
                'notice_hours', notice_hours, 'cancellation_policy', cancellation_policy) ORDER BY price, id)
            FROM experts_service WHERE expert_id = %(expert)s AND is_active),
        ARRAY(SELECT days FROM experts_unavailableperiod
            WHERE expert_id = %(expert)s AND upper(days) > %(today)s ORDER BY days LIMIT 6),
        (SELECT ARRAY[{", ".join(f"avg({name})" for name in SUB_RATINGS)}]
            FROM bookings_review WHERE expert_id = %(expert)s AND state = 'published'),
        (SELECT json_agg(json_build_array(text, json_build_array({", ".join(SUB_RATINGS)})))
            FROM ({themes.RECENT.format(expert="%(expert)s")}) recent),
        (SELECT json_agg(json_build_array(kind, checked_at) ORDER BY checked_at, id)
            FROM experts_verification WHERE expert_id = %(expert)s AND withdrawn_at IS NULL),
        (SELECT json_agg(json_build_object(
                'token', token, 'caption', caption, 'width', width, 'height', height) ORDER BY position)
            FROM experts_photo WHERE expert_id = %(expert)s)
"""  # noqa: S608  # what is put in are names of columns


@dataclass(frozen=True)
class Details:
    languages: list[tuple[str, int]]  # code and level, best first
    specialties: list[tuple[str, int]]  # name and depth, deepest first
    services: list[Service]  # what is offered, the cheapest first
    away: list[Any]  # the next blocked days, ranges of dates
    means: list[Any]  # of SUB_RATINGS, None without reviews
    themes: list[Theme]  # of the recent reviews, strongest first
    checked: list[Verification]  # the marks that stand, the oldest first
    photos: list[Photo]  # the gallery, in the expert's order


def of(expert_id: int, *, today: date) -> Details:
    with connection.cursor() as cursor:
        cursor.execute(_DETAILS, {"expert": expert_id, "today": today})
        languages, specialties, services, away, means, said, checked, photos = cursor.fetchone()
    return Details(
        languages or [],
        specialties or [],
        [_service(**one) for one in services or []],
        away,
        means,
        themes.top(said or []),
        [_mark(*one) for one in checked or []],
        [Photo(**one) for one in photos or []],
    )


def _mark(kind: str, checked_at: str) -> Verification:
    return Verification(kind=kind, checked_at=datetime.fromisoformat(checked_at))


def _service(price: str, duration_hours: str | None, **fields: Any) -> Service:
    hours = None if duration_hours is None else Decimal(duration_hours)
    return Service(price=Decimal(price), duration_hours=hours, **fields)
