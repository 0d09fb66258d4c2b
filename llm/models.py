"""The ledger: what was asked of whom, what came of it, what it cost; and what staff decide about it."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from llm.errors import FailureKind
from llm.wire import usd

OUTCOMES = [(kind.value, kind.value.replace("_", " ")) for kind in FailureKind]


class CallQuerySet(models.QuerySet["Call"]):
    def on(self, day: date) -> "CallQuerySet":
        """Started on that day, UTC."""
        start = datetime.combine(day, time.min, UTC)
        return self.filter(started_at__gte=start, started_at__lt=start + timedelta(days=1))

    def overdue(self) -> "CallQuerySet":
        """Nobody can be working on these any more."""
        return self.filter(state=Call.State.RUNNING, lease_expires_at__lte=Now())

    def charged(self) -> int:
        """Ticks these calls count against the budget; running ones with the most they can cost."""
        return int(self.aggregate(sum=Sum("charged_ticks"))["sum"] or 0)


class Call(models.Model):
    """One attempt to get an answer, or an answer that needed none. Amounts are ticks: 10^-10 USD."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        ANSWERED = "answered", _("answered")
        FAILED = "failed", _("failed")
        ABANDONED = "abandoned", _("abandoned")  # its worker died

    class Source(models.TextChoices):
        MODEL = "model", _("model")
        CACHE = "cache", _("cache")
        OFFLINE = "offline", _("offline writer")

    class UsageState(models.TextChoices):
        NONE = "none", _("nothing was used")
        REPORTED = "reported", _("reported")
        MISSING = "missing", _("not reported")

    ask_id = models.UUIDField(_("question"), default=uuid.uuid4, editable=False)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="llm_calls",
        verbose_name=_("asked by"),
    )
    allowance = models.CharField(_("allowance"), max_length=16)  # user, staff or system
    purpose = models.CharField(_("purpose"), max_length=40)
    prompt = models.CharField(_("prompt"), max_length=80)
    prompt_version = models.PositiveIntegerField(_("version"))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.MODEL)
    route = models.CharField(_("route"), max_length=80, blank=True)
    model = models.CharField(_("resolved model"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    outcome = models.CharField(_("failure"), max_length=16, choices=OUTCOMES, blank=True)
    error = models.TextField(_("error"), blank=True)
    usage_state = models.CharField(
        _("usage"), max_length=8, choices=UsageState.choices, default=UsageState.NONE
    )
    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True)
    cached_tokens = models.PositiveIntegerField(_("of these cached"), null=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True)
    reasoning_tokens = models.PositiveIntegerField(_("of these reasoning"), null=True)
    tool_units = models.JSONField(_("tool calls"), default=dict)
    raw_usage = models.JSONField(_("usage as reported"), default=dict)
    charged_ticks = models.BigIntegerField(_("charged to the budget"), default=0)
    computed_ticks = models.BigIntegerField(_("cost computed"), null=True)
    reported_ticks = models.BigIntegerField(_("cost reported"), null=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    lease_expires_at = models.DateTimeField(_("given up at"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    duration_ms = models.PositiveIntegerField(_("milliseconds"), null=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    provider_request_id = models.CharField(_("provider's request"), max_length=120, blank=True)

    objects: ClassVar[models.Manager["Call"]] = models.Manager.from_queryset(CallQuerySet)()

    class Meta:
        verbose_name = _("model call")
        verbose_name_plural = _("model calls")
        permissions = [("test_route", _("Can test routes to language models"))]
        indexes = [
            models.Index(F("started_at").desc(), F("id").desc(), name="call_newest"),
            models.Index("user", F("started_at").desc(), name="call_of_user"),
            models.Index("ask_id", name="call_ask"),
            models.Index("lease_expires_at", name="call_running", condition=Q(state="running")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None) | ~Q(state="running") & ~Q(finished_at=None),
                name="call_finished_unless_running",
            ),
            models.CheckConstraint(
                condition=Q(source="model") | Q(state="answered", charged_ticks=0, usage_state="none"),
                name="call_only_models_cost",
            ),
            # Unknown is not zero: tokens and cost are there exactly where the provider reported them.
            models.CheckConstraint(
                condition=Q(usage_state="reported", input_tokens__isnull=False, output_tokens__isnull=False)
                | ~Q(usage_state="reported") & Q(input_tokens=None, output_tokens=None, computed_ticks=None),
                name="call_tokens_where_reported",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") & ~Q(outcome="") | ~Q(state="failed") & Q(outcome=""),
                name="call_failure_has_kind",
            ),
            models.CheckConstraint(condition=Q(charged_ticks__gte=0), name="call_charge_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt} {self.pk}"

    @property
    def cost(self) -> Decimal | None:
        """USD, by the provider's own word where it gives one. None: unknown."""
        ticks = self.computed_ticks if self.reported_ticks is None else self.reported_ticks
        if self.source != self.Source.MODEL:
            ticks = 0
        return None if ticks is None else usd(ticks)


class CallText(models.Model):
    """What was said, scrubbed, for as long as settings.LLM_KEEP_TEXTS_DAYS."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, primary_key=True, related_name="text")
    prompt = models.TextField(_("prompt"))
    answer = models.TextField(_("answer"), blank=True)
    verdicts = models.JSONField(_("verdicts"), default=list)
    kept_until = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("text of a call")
        verbose_name_plural = _("texts of calls")

    def __str__(self) -> str:
        return str(self.call_id)


class Disclosure(models.Model):
    """Whose data went out, why and to whom. Outlives the call's row."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="disclosures",
        verbose_name=_("whose data"),
    )
    call = models.ForeignKey(
        Call, on_delete=models.SET_NULL, null=True, related_name="disclosures", verbose_name=_("call")
    )
    purpose = models.CharField(_("why"), max_length=40)
    provider = models.CharField(_("to whom"), max_length=40)
    replaced = models.JSONField(_("details replaced"), default=dict)  # {"email": 2}
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        indexes = [models.Index("user", F("at").desc(), name="disclosure_of_user")]

    def __str__(self) -> str:
        return f"{self.purpose} → {self.provider}"


class Switch(models.Model):
    """Whether a purpose may ask models. No row: it may."""

    purpose = models.CharField(_("purpose"), max_length=40, unique=True)
    enabled = models.BooleanField(_("asks models"), default=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")

    def __str__(self) -> str:
        return self.purpose


class BudgetAlert(models.Model):
    """The day's spending passed settings.LLM_BUDGET_ALERT_USD: told once a day."""

    day = models.DateField(_("day"), unique=True)
    ticks = models.BigIntegerField(_("spent"))
    at = models.DateTimeField(_("when"), db_default=Now())
    told_at = models.DateTimeField(_("told"), null=True)

    class Meta:
        verbose_name = _("budget alert")
        verbose_name_plural = _("budget alerts")

    def __str__(self) -> str:
        return str(self.day)


class StreamedText(models.Model):
    """A text that a page reads while it is written. Deltas are in Redis, the finished text is here."""

    class State(models.TextChoices):
        OPEN = "open", _("being written")
        DONE = "done", _("finished")
        FAILED = "failed", _("failed")

    name = models.CharField(_("name"), max_length=100, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    text = models.TextField(_("text"), blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("streamed text")
        verbose_name_plural = _("streamed texts")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", finished_at=None) | ~Q(state="open") & ~Q(finished_at=None),
                name="streamed_text_finished_unless_open",
            )
        ]

    def __str__(self) -> str:
        return self.name
