from django.db import transaction

from accounts import audit
from accounts.errors import IllegalMove
from accounts.models import User
from markets.models import Market


@transaction.atomic
def set_status(*, market: Market, to: str, by: User) -> Market:
    """Open a market to matching, or go back to looking for experts; returns the row as it is now."""
    market = Market.objects.select_for_update().get(pk=market.pk)
    if market.status == to:
        others = [str(status.label) for status in Market.Status if status != to]
        raise IllegalMove(now=market.get_status_display(), asked=str(Market.Status(to).label), allowed=others)
    before, market.status = market.status, to
    market.save(update_fields=["status"])
    audit.record(action="market.status", target=market, by=by, before=before, after=to)
    return market
