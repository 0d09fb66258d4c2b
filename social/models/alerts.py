from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from markets.models import Market
from social.models.leads import Outreach


class Alert(models.Model):
    """Something staff should hear of, told once: social.alerts writes it, whoever delivers it moves it on.

    `facts` are what the sentence of its kind is made of, for the reader's language.
    """

    class Kind(models.TextChoices):
        SOCIAL = "social", _("social commerce")
        PARTNERSHIP = "partner", _("partnerships")
        CONTENT = "content", _("content ideas")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    class Channel(models.TextChoices):
        INBOX = "inbox", _("inbox")
        SLACK = "slack", _("Slack")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.WAITING: [State.DELIVERED, State.FAILED],
        State.FAILED: [State.WAITING, State.DELIVERED],
        State.DELIVERED: [],
    }

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    event = models.CharField(_("event"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    url = models.CharField(_("leads to"), max_length=300, blank=True)
    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("market")
    )
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.INBOX)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    # Channel and time by which Slack knows the message, so that it can be taken away.
    message_id = models.CharField(_("message"), max_length=120, blank=True)
    # Which act made the row: of two workers with the same key only one finds its own.
    batch = models.UUIDField(_("made with"), default=uuid4, editable=False)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        permissions = [("retry_alert", "Can send an alert again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__startswith="//")), name="alert_url"
            ),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | Q(state__in=["waiting", "failed"], delivered_at=None),
                name="alert_delivered",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="alert_failed"),
        ]
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="alert_newest"),
            models.Index(fields=["created_at"], condition=Q(state="waiting"), name="alert_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class AlertRead(models.Model):
    """That somebody of the staff has read an alert in the inbox."""

    alert = models.ForeignKey(
        Alert, on_delete=models.CASCADE, related_name="reads", db_index=False, verbose_name=_("alert")
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("read by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="alert_read_unique")]


class SlackUser(models.Model):
    """Who of the staff somebody in Slack is. Nobody else decides anything there."""

    slack_id = models.CharField(_("id in Slack"), max_length=30, unique=True)
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="slack", verbose_name=_("member of staff")
    )
    # When that member of staff said so themselves. Until then this id decides nothing.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of staff in Slack")
        verbose_name_plural = _("staff in Slack")

    def __str__(self) -> str:
        return self.slack_id


class SlackPress(models.Model):
    """A button or form that somebody used in Slack, stored before it is answered and worked on after. The signature of
    its request is kept, so that the same request is never taken twice.
    """

    class Act(models.TextChoices):
        APPROVE = "approve", _("approve and send")
        ASK_TEXT = "ask_text", _("ask for another text")
        CUSTOMISE = "customise", _("customise")
        ASK_REASON = "ask_reason", _("ask for a reason")
        SKIP = "skip", _("skip")

    signature = models.CharField(_("signature"), max_length=100, unique=True)
    slack_id = models.CharField(_("id in Slack"), max_length=30)
    act = models.CharField(_("act"), max_length=10, choices=Act)
    outreach = models.ForeignKey(
        Outreach, on_delete=models.CASCADE, related_name="presses", verbose_name=_("outreach")
    )
    # What came with it: the chosen or written text, the reason, what Slack calls the place to answer in.
    given = models.JSONField(_("given"), default=dict, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)

    class Meta:
        verbose_name = _("button used in Slack")
        verbose_name_plural = _("buttons used in Slack")

    def __str__(self) -> str:
        return f"{self.slack_id} {self.get_act_display()}"
