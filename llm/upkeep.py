"""What time brings: calls whose worker died, texts nobody needs any more, and the day's budget running low."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import OPERATOR
from llm import streams
from llm.models import BudgetAlert, Call, CallText, StreamedText
from llm.wire import usd

log = structlog.get_logger(__name__)

AT_ONCE = 5_000
KEEP_STREAMED = timedelta(days=2)


def give_up_dead_calls() -> int:
    """Their worker ended. They stay charged with the most they can have cost: the provider may have worked."""
    given_up = Call.objects.overdue().update(
        state=Call.State.ABANDONED,
        usage_state=Call.UsageState.MISSING,
        finished_at=Now(),
        error="The worker ended before the answer came.",
    )
    if given_up:
        log.warning("llm_calls_abandoned", calls=given_up)
    streams.abandon(older_than=max(settings.LLM_TIMEOUTS.values()) * 2)
    return given_up


def forget_old() -> None:
    """In batches, so that no night's broom holds a table."""
    _delete(lambda: CallText.objects.filter(kept_until__lt=Now()))
    kept = timedelta(days=settings.LLM_KEEP_CALLS_DAYS)
    _delete(lambda: Call.objects.exclude(state=Call.State.RUNNING).filter(started_at__lt=Now() - kept))
    _delete(lambda: StreamedText.objects.filter(finished_at__lt=Now() - KEEP_STREAMED))


def _delete(old: "Callable[[], QuerySet[CallText] | QuerySet[Call] | QuerySet[StreamedText]]") -> None:
    while True:
        keys = list(old().values_list("pk", flat=True)[:AT_ONCE])
        old().filter(pk__in=keys).delete()
        if len(keys) < AT_ONCE:
            return


def operators() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True, groups__name=OPERATOR).order_by("pk")


def low_budget_mail(alert: BudgetAlert, user: User) -> EmailMessage:
    body = _(
        "Language models have cost %(spent).2f USD today, with what running calls may cost. The day's budget is"
        " %(budget)d USD; when it is used up, offline writers serve until midnight UTC.\n\n%(url)s\n"
    ) % {
        "spent": usd(alert.ticks),
        "budget": settings.LLM_BUDGET_USD,
        "url": f"{settings.SITE_URL}/admin/llm/call/overview/",
    }
    return EmailMessage(_("The budget for language models runs low"), body, to=[user.email])
