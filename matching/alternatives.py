"""The next best experts for a brief, when the one who was booked is not there any more."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from bookings import alternatives
from bookings.alternatives import Alternative
from bookings.models import Booking
from experts import calendar
from experts.models import Expert, ExpertSpecialty, Listing
from markets.formats import money_range
from matching.models import MatchRun, MatchScore

SHOWN = 3
LOOKED_AT = 20  # of the list, best first
FLOOR_TENTHS = 500


def find(booking: Booking) -> list[Alternative]:
    """Whoever is free at its time, best first, and what differs: from the list of the booking's own trip, or where it
    has none from the experts of the city who know something that the booked one knows.
    """
    ranked = list(_ranked(booking)) if booking.trip_id else []
    if not ranked:
        return _of_city(booking)
    free = _free(booking, [score.expert for score in ranked])
    return [
        Alternative(
            score.expert,
            score.score,
            [*_points(score.score_tenths, score.before), *_differences(booking.expert, score.expert)],  # type: ignore[attr-defined]  # annotated
        )
        for score in ranked
        if score.expert in free
    ][:SHOWN]


def _of_city(booking: Booking) -> list[Alternative]:
    known = ExpertSpecialty.objects.filter(expert=booking.expert_id).values("specialty")
    listed = Listing.objects.filter(
        market=booking.expert.market_id, specialties__overlap=ArraySubquery(known)
    ).exclude(expert=booking.expert_id)
    found = listed.select_related("expert__user", "expert__market").order_by("-standing", "-expert")
    free = _free(booking, [listing.expert for listing in found[:LOOKED_AT]])
    return [Alternative(expert, None, list(_differences(booking.expert, expert))) for expert in free[:SHOWN]]


def _ranked(booking: Booking) -> QuerySet[MatchScore]:
    """On the page, or left out of it for no other reason than its length. `before`: the tenths of the booked one."""
    runs = MatchRun.objects.current().filter(trip=booking.trip_id, state=MatchRun.State.DONE)
    scores = MatchScore.objects.filter(
        run__in=runs,
        hidden__in=[MatchScore.Hidden.NO, MatchScore.Hidden.NOT_IN_TOP],
        score_tenths__gte=FLOOR_TENTHS,
        expert__in=Expert.objects.open_to_inquiries(),
    )
    own = MatchScore.objects.filter(run=OuterRef("run"), expert=booking.expert_id).values("score_tenths")
    others = scores.exclude(expert=booking.expert_id).select_related("expert__user", "expert__market")
    return others.annotate(before=Subquery(own[:1])).order_by("rank")[:LOOKED_AT]


def _free(booking: Booking, experts: Sequence[Expert]) -> list[Expert]:
    """Whom the page for booking would take the same time of, or what is left of it."""
    left = alternatives.left(booking)
    if left is None:
        return []
    calendars = calendar.read_all_around(experts, left.start, left.end)
    return [
        expert
        for expert, read in zip(experts, calendars, strict=True)
        if calendar.judged(read, left.start, left.end) is None
    ]


def _differences(before: Expert, expert: Expert) -> Iterator[str]:
    """Against the expert who was booked; what is the same is not said."""
    if (expert.price_min, expert.price_max, expert.currency) != (
        before.price_min,
        before.price_max,
        before.currency,
    ):
        yield (
            _("%(price)s per person and day, instead of %(before)s")
            % {"price": _price(expert), "before": _price(before)}
        )
    if expert.rating and expert.rating != before.rating:
        yield _("rated %(rating)s of 5") % {"rating": number_format(round(expert.rating, 2), 2)}
    if expert.verified != before.verified:
        yield _("verified") if expert.verified else _("not verified yet")
    if expert.group_size_max < before.group_size_max:
        yield _("takes groups of up to %(count)s") % {"count": expert.group_size_max}


def _points(tenths: int, before: int | None) -> Iterator[str]:
    if before is None or before == tenths:
        return
    points = number_format(Decimal(abs(tenths - before)) / 10, 1)
    if tenths > before:
        yield _("%(points)s points more for your trip") % {"points": points}
    else:
        yield _("%(points)s points fewer for your trip") % {"points": points}


def _price(expert: Expert) -> str:
    return money_range(expert.price_min, expert.price_max, expert.currency)
