"""What staff decide about trends: the only ways one is approved, rejected, merged or split. A job counts anew."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from social.models import Trend
from social.tasks import recount_trends

State = Trend.State


@transaction.atomic
def move(trend: Trend, to: str, *, by: User) -> Trend:
    """Approve, for travelers to see, or reject; or approve the newer words of one that is approved."""
    trend = Trend.objects.select_for_update(of=("self",)).get(pk=trend.pk)
    rewords = to == State.APPROVED and bool(trend.newer)
    if to not in Trend.MOVES[trend.state] and not rewords:
        raise IllegalMove.of(trend, to)
    if trend.merged_into_id:
        raise DomainError(_("This is part of another trend. Decide about that one, or split it off first."))
    before, trend.state = trend.state, to
    trend.decided_at, trend.decided_by = timezone.now(), by
    noted = {"before": before, "after": to} | ({"newer": sorted(trend.newer)} if trend.newer else {})
    trend.take_words(trend.newer)
    trend.save()
    audit.record(action=f"trend.{to}", target=trend, by=by, **noted)
    return trend


@transaction.atomic
def merge(trend: Trend, into: Trend, *, by: User) -> Trend:
    """Both are the same in other words; what was merged into the first goes with it."""
    if trend.pk == into.pk or trend.market_id != into.market_id:
        raise DomainError(_("Choose another trend of the same market."))
    rows = {one.pk: one for one in _locked(trend, into)}
    trend, into = rows[trend.pk], rows[into.pk]
    if trend.merged_into_id or into.merged_into_id:
        raise DomainError(_("One of the two is part of another trend already."))
    Trend.objects.filter(merged_into=trend).update(merged_into=into)
    Trend.objects.filter(pk=trend.pk).update(merged_into=into, kept_apart=False)
    audit.record(action="trend.merge", target=trend, by=by, into=into.topic)
    recount_trends.enqueue(market_id=trend.market_id)
    return into


@transaction.atomic
def split(trend: Trend, *, by: User) -> Trend:
    """A topic of its own after all; no round merges it again."""
    trend = next(one for one in _locked(trend) if one.pk == trend.pk)
    if not trend.merged_into_id:
        raise DomainError(_("This is part of no other trend."))
    was = trend.merged_into
    trend.merged_into, trend.kept_apart = None, True
    trend.save(update_fields=["merged_into", "kept_apart"])
    audit.record(action="trend.split", target=trend, by=by, of=str(was))
    recount_trends.enqueue(market_id=trend.market_id)
    return trend


def _locked(*trends: Trend) -> list[Trend]:
    """With what was merged into them, in the order in which a round locks them."""
    keys = [one.pk for one in trends]
    concerned = Q(pk__in=keys) | Q(merged_into__in=keys)
    return list(Trend.objects.select_for_update(of=("self",)).filter(concerned).order_by("pk"))
