from datetime import timedelta
from decimal import Decimal

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from experts.models import Expert
from markets.models import Market
from social.models.posts import Author, Post

# Whom we might write to.
HIGH_FOLLOWERS, HIGH_ENGAGEMENT = 10_000, Decimal(3)
# Nobody is written to twice within this time.
SILENCE = timedelta(days=90)


def only(column: str) -> Func:
    """The range that holds this number alone: an exclusion constraint can compare it without an extension."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


class Lead(models.Model):
    """Somebody who writes about a market and might become a local expert: one row a handle, over all rounds.

    Followers and engagement are those last known; unknown is null.
    """

    class Fit(models.TextChoices):
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")
        LOW = "low", _("low")

    author = models.OneToOneField(
        Author, on_delete=models.CASCADE, related_name="lead", verbose_name=_("author")
    )
    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="leads", verbose_name=_("market")
    )
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    # Interactions a post in percent of the followers.
    engagement = models.DecimalField(
        _("engagement in %"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    posts_counted = models.PositiveIntegerField(_("posts in 30 days"), default=0)
    days_counted = models.PositiveIntegerField(_("days with posts"), default=0)
    style = models.CharField(_("content style"), max_length=200, blank=True)
    fit = models.CharField(_("fit"), max_length=6, choices=Fit)
    why = models.TextField(_("why"), max_length=600, blank=True)
    origin = models.CharField(
        _("judged"), max_length=7, choices=[("model", _("by a model")), ("counted", _("by figures alone"))]
    )
    high_potential = models.BooleanField(_("high potential"), default=False)
    evidence = models.ManyToManyField(Post, related_name="evidence_of", verbose_name=_("evidence"))
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    judged_at = models.DateTimeField(_("last judged"), default=timezone.now)
    opted_out_at = models.DateTimeField(_("opted out"), null=True, blank=True)
    # Who they became here.
    expert = models.OneToOneField(
        Expert,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="lead",
        verbose_name=_("expert"),
    )

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        permissions = [("erase_lead", "Can erase what is held about a lead")]
        constraints = [
            models.CheckConstraint(
                condition=Q(high_potential=False)
                | Q(
                    fit="high",
                    followers__isnull=False,
                    followers__gte=HIGH_FOLLOWERS,
                    engagement__isnull=False,
                    engagement__gte=HIGH_ENGAGEMENT,
                    opted_out_at=None,
                ),
                name="lead_high_potential",
            ),
            models.CheckConstraint(
                condition=Q(engagement=None) | Q(engagement__gte=0), name="lead_engagement"
            ),
        ]
        indexes = [models.Index(fields=["market", "-seen_at"], name="lead_of_market")]

    def __str__(self) -> str:
        return str(self.author)

    @property
    def handle(self) -> str:
        return self.author.handle


class LeadSample(models.Model):
    """What a lead counted on a day, UTC."""

    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, related_name="samples", db_index=False, verbose_name=_("lead")
    )
    day = models.DateField(_("day"))
    followers = models.PositiveIntegerField(_("followers"), null=True, blank=True)
    engagement = models.DecimalField(
        _("engagement in %"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    posts_counted = models.PositiveIntegerField(_("posts in 30 days"))

    class Meta:
        verbose_name = _("lead's day")
        verbose_name_plural = _("lead's days")
        constraints = [models.UniqueConstraint(fields=["lead", "day"], name="lead_sample_unique")]


class Outreach(models.Model):
    """The way from a lead to an expert: what is written to them, who approved it, and what came of it.

    Its moves are social.moves' alone.
    """

    class State(models.TextChoices):
        IDENTIFIED = "identified", _("identified")
        DRAFTED = "drafted", _("drafted")
        CUSTOMISED = "customised", _("customised")
        APPROVED = "approved", _("approved")
        SENT = "sent", _("sent")
        REPLIED = "replied", _("replied")
        CONVERTED = "converted", _("converted")
        SKIPPED = "skipped", _("skipped")
        DECLINED = "declined", _("declined")
        OPTED_OUT = "opted_out", _("opted out")

    class Priority(models.TextChoices):
        HIGH = "high", _("high")
        NORMAL = "normal", _("normal")

    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, related_name="outreaches", verbose_name=_("lead")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IDENTIFIED)
    # A list of texts, and the posts (keys) that each of them stands on. `text` is what is sent: one of them, or what
    # a person made of it.
    variants = models.JSONField(_("variants"), default=list, blank=True)
    grounds = models.JSONField(_("posts behind the variants"), default=list, blank=True)
    origin = models.CharField(
        _("written"),
        max_length=7,
        blank=True,
        choices=[("model", _("by a model")), ("counted", _("from stored facts alone"))],
    )
    note = models.TextField(_("note"), blank=True)
    cost = models.DecimalField(_("cost (USD)"), max_digits=12, decimal_places=6, default=Decimal(0))
    drafted_at = models.DateTimeField(_("drafted"), null=True, blank=True)
    customised_at = models.DateTimeField(_("customised"), null=True, blank=True)
    text = models.TextField(_("message"), max_length=1000, blank=True)
    grounded_on = models.ForeignKey(
        Post,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("grounded on"),
    )
    # What a partnership may be worth a month, in whole USD: three parts and their sum. Unknown where followers are.
    value_reach = models.PositiveIntegerField(_("by reach"), null=True, blank=True)
    value_bookings = models.PositiveIntegerField(_("by bookings"), null=True, blank=True)
    value_content = models.PositiveIntegerField(_("by content"), null=True, blank=True)
    value = models.PositiveIntegerField(_("value a month (USD)"), null=True, blank=True)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(_("due"))
    claimed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("claimed by")
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    # When sending is tried next; nobody tries where it is empty. `send_note` says why it waits or what went wrong.
    send_after = models.DateTimeField(_("sent not before"), null=True, blank=True)
    send_note = models.TextField(_("sending"), blank=True)
    # By which X knows whom it was sent to: handles change.
    recipient = models.CharField(_("recipient’s number at X"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reply = models.TextField(_("reply"), max_length=2000, blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)
    converted_at = models.DateTimeField(_("converted"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    # Channel and time by which Slack knows the message with the buttons.
    slack_message = models.CharField(_("message in Slack"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("found"), default=timezone.now)
    moved_at = models.DateTimeField(_("moved"), default=timezone.now)

    class Meta:
        verbose_name = _("outreach")
        verbose_name_plural = _("outreach")
        permissions = [("decide_outreach", "Can approve, customise, skip and send messages")]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=Q(state__in=["identified", "drafted", "customised", "approved", "sent", "replied"]),
                name="outreach_one_open",
            ),
            # Nothing is ever sent without a named approver.
            models.CheckConstraint(
                condition=Q(
                    state__in=["identified", "drafted", "customised", "skipped", "declined", "opted_out"],
                    sent_at=None,
                )
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(text="")),
                name="outreach_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "replied", "converted"]) | Q(sent_at__isnull=False),
                name="outreach_sent",
            ),
            models.CheckConstraint(condition=~Q(state="skipped") | ~Q(reason=""), name="outreach_skipped"),
            models.CheckConstraint(
                condition=Q(value=None, value_reach=None, value_bookings=None, value_content=None)
                | Q(
                    value__isnull=False,
                    value_reach__isnull=False,
                    value_bookings__isnull=False,
                    value_content__isnull=False,
                    value=F("value_reach") + F("value_bookings") + F("value_content"),
                ),
                name="outreach_value",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None) | Q(claimed_at__isnull=False), name="outreach_claimed"
            ),
            models.CheckConstraint(
                condition=Q(send_after=None) | Q(state="approved"), name="outreach_send_after"
            ),
            models.CheckConstraint(
                condition=~Q(state="replied") | Q(replied_at__isnull=False), name="outreach_replied"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="outreach_due"),
            models.Index(
                fields=["send_after"], condition=Q(send_after__isnull=False), name="outreach_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead} {self.get_state_display()}"

    @property
    def texts(self) -> list[str]:
        """What can be approved: a person's text before those it was made of."""
        return list(dict.fromkeys(filter(None, [self.text, *self.variants])))


_REFUSED = """
    IF NEW.kind = 'message' AND EXISTS (
        SELECT FROM social_contact WHERE person = NEW.person AND kind IN ('opt_out', 'erased')
    ) THEN
        RAISE EXCEPTION 'This person is not to be written to.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_opted_out';
    END IF;
    RETURN NULL;
"""


class Contact(models.Model):
    """The consent ledger: a row for each message that left, each opt-out, and each handle that was erased.

    `person` is the number of a handle (social.fingerprints), so that an opt-out outlives what is erased.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message sent")
        OPT_OUT = "opt_out", _("opted out")
        ERASED = "erased", _("erased")

    person = models.BigIntegerField(_("person"))
    handle = models.CharField(_("handle"), max_length=30, blank=True)  # empty once it was erased
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    at = models.DateTimeField(_("at"), default=timezone.now)
    # Until when this person is left alone after a message.
    until = models.DateTimeField(_("not again before"), null=True, blank=True)
    outreach = models.OneToOneField(
        Outreach,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contact",
        verbose_name=_("outreach"),
    )
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            ExclusionConstraint(
                name="contact_silence",
                expressions=[
                    (only("person"), RangeOperators.OVERLAPS),
                    (
                        Func(F("at"), F("until"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="message"),
            ),
            models.CheckConstraint(
                condition=Q(kind="message", until__isnull=False, until__gte=F("at") + SILENCE)
                | Q(kind__in=["opt_out", "erased"], until=None),
                name="contact_until",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=~Q(kind="message"), name="contact_said_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person"], name="contact_person"),
            models.Index(fields=["at"], condition=Q(kind="message"), name="contact_message_at"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="contact_opted_out", when=pgtrigger.After, operation=pgtrigger.Insert, func=_REFUSED
            )
        ]

    def __str__(self) -> str:
        return f"{self.handle} {self.get_kind_display()}"
