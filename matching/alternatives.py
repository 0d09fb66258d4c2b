"""The next best experts for a brief, when the one who was booked is not there any more."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from bookings.alternatives import Alternative
from bookings.models import Booking
from experts import calendar
from experts.models import Expert
from markets.formats import money_range
from matching.models import MatchRun, MatchScore

SHOWN = 3
LOOKED_AT = 20  # of the list, best first
FLOOR_TENTHS = 500


def find(booking: Booking) -> list[Alternative]:
    """From the list of the booking's own trip, best first: whoever is free at its time, and what differs."""
    if booking.trip_id is None:
        return []
    free = _free(booking, list(_ranked(booking)))
    own = MatchScore.objects.filter(run__in=_runs(booking), expert=booking.expert_id).first()
    return [
        Alternative(score.expert, score.score, _differences(booking.expert, own, score))
        for score in free[:SHOWN]
    ]


def _runs(booking: Booking) -> QuerySet[MatchRun]:
    return MatchRun.objects.current().filter(trip=booking.trip_id, state=MatchRun.State.DONE)


def _ranked(booking: Booking) -> QuerySet[MatchScore]:
    """On the page, or left out of it for no other reason than its length."""
    scores = MatchScore.objects.filter(
        run__in=_runs(booking),
        hidden__in=[MatchScore.Hidden.NO, MatchScore.Hidden.NOT_IN_TOP],
        score_tenths__gte=FLOOR_TENTHS,
        expert__in=Expert.objects.open_to_inquiries(),
    )
    others = scores.exclude(expert=booking.expert_id).select_related("expert__user", "expert__market")
    return others.order_by("rank")[:LOOKED_AT]


def _free(booking: Booking, ranked: Sequence[MatchScore]) -> list[MatchScore]:
    """Whom the page for booking would take the same time of."""
    period = booking.period
    calendars = calendar.read_all_around([score.expert for score in ranked], period.lower, period.upper)
    return [
        score
        for score, read in zip(ranked, calendars, strict=True)
        if calendar.judged(read, period.lower, period.upper) is None
    ]


def _differences(before: Expert, own: MatchScore | None, score: MatchScore) -> list[str]:
    """Against the expert who was booked; what is the same is not said."""
    expert = score.expert
    said = []
    if own and own.score_tenths != score.score_tenths:
        said.append(_points(score.score - own.score))
    if (expert.price_min, expert.price_max, expert.currency) != (
        before.price_min,
        before.price_max,
        before.currency,
    ):
        said.append(
            _("%(price)s per person and day, instead of %(before)s")
            % {"price": _price(expert), "before": _price(before)}
        )
    if expert.rating and expert.rating != before.rating:
        said.append(_("rated %(rating)s of 5") % {"rating": number_format(round(expert.rating, 2), 2)})
    if expert.verified != before.verified:
        said.append(_("verified") if expert.verified else _("not verified yet"))
    if expert.group_size_max < before.group_size_max:
        said.append(_("takes groups of up to %(count)s") % {"count": expert.group_size_max})
    return said


def _points(more: Decimal) -> str:
    if more > 0:
        return _("%(points)s points more for your trip") % {"points": number_format(more, 1)}
    return _("%(points)s points fewer for your trip") % {"points": number_format(-more, 1)}


def _price(expert: Expert) -> str:
    return money_range(expert.price_min, expert.price_max, expert.currency)
