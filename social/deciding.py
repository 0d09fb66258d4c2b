"""What staff decide about trends: the only ways one is approved, rejected, merged or split."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from social import trends
from social.models import Trend
from social.posts import recent

State = Trend.State


@transaction.atomic
def move(trend: Trend, to: str, *, by: User) -> Trend:
    """Approve, for travelers to see, or reject."""
    trend = _locked(trend)
    allowed = Trend.MOVES[trend.state]
    if to not in allowed:
        names = [str(State(one).label) for one in allowed]
        raise IllegalMove(now=trend.get_state_display(), asked=str(State(to).label), allowed=names)
    if trend.merged_into_id:
        raise DomainError(_("This is part of another trend. Decide about that one, or split it off first."))
    before, trend.state = trend.state, to
    trend.decided_at, trend.decided_by = timezone.now(), by
    trend.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record(action=f"trend.{to}", target=trend, by=by, before=before, after=to)
    return trend


@transaction.atomic
def merge(trend: Trend, into: Trend, *, by: User) -> Trend:
    """Both are the same in other words; what was merged into the first goes with it."""
    if trend.pk == into.pk or trend.market_id != into.market_id:
        raise DomainError(_("Choose another trend of the same market."))
    rows = {one.pk: one for one in _lock_all(trend)}
    trend, into = rows[trend.pk], rows[into.pk]
    if trend.merged_into_id or into.merged_into_id:
        raise DomainError(_("One of the two is part of another trend already."))
    Trend.objects.filter(merged_into=trend).update(merged_into=into)
    Trend.objects.filter(pk=trend.pk).update(merged_into=into, kept_apart=False)
    audit.record(action="trend.merge", target=trend, by=by, into=into.topic)
    _recount(trend)
    into.refresh_from_db()
    return into


@transaction.atomic
def split(trend: Trend, *, by: User) -> Trend:
    """A topic of its own after all; no round merges it again."""
    trend = next(one for one in _lock_all(trend) if one.pk == trend.pk)
    if not trend.merged_into_id:
        raise DomainError(_("This is part of no other trend."))
    was = trend.merged_into
    Trend.objects.filter(pk=trend.pk).update(merged_into=None, kept_apart=True)
    audit.record(action="trend.split", target=trend, by=by, of=str(was))
    _recount(trend)
    trend.refresh_from_db()
    return trend


def _locked(trend: Trend) -> Trend:
    return Trend.objects.select_for_update(of=("self",)).get(pk=trend.pk)


def _lock_all(trend: Trend) -> list[Trend]:
    """Of the market, in the order in which a round locks them."""
    return list(Trend.objects.select_for_update(of=("self",)).filter(market=trend.market_id).order_by("pk"))


def _recount(trend: Trend) -> None:
    now = timezone.now()
    trends.recount(trend.market, recent(trend.market, now), now)
