from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from bookings.models import Inquiry
from experts.models import Expert, Service


class Draft(models.Model):
    """One text that an expert wants. content_assistant.drafting makes every move."""

    class Tool(models.TextChoices):
        BIO = "bio", _("bio")
        SERVICE = "service", _("service description")
        ITINERARY = "itinerary", _("itinerary")
        INQUIRY = "inquiry", _("reply to an inquiry")
        TRANSLATE = "translate", _("translation")
        SEO = "seo", _("search texts")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        APPLIED = "applied", _("in use")
        DISCARDED = "discarded", _("discarded")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.OPEN: frozenset({State.APPLIED, State.DISCARDED}),
        State.APPLIED: frozenset({State.OPEN, State.DISCARDED}),
        State.DISCARDED: frozenset({State.OPEN}),
    }

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("expert")
    )
    tool = models.CharField(_("tool"), max_length=9, choices=Tool)
    # What it is about, by tool: the service described, the inquiry answered, the draft translated.
    service = models.ForeignKey(
        Service,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("service"),
    )
    inquiry = models.ForeignKey(
        Inquiry,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("inquiry"),
    )
    source = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("source"),
    )
    # The answers of the tool's form, as JSON: Tool.form knows them.
    params = models.JSONField(_("wishes"), default=dict)
    language = models.CharField(_("language"), max_length=10)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    # Comes with the form: a double click is one draft.
    key = models.CharField(_("key"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    # What stood there before, by field, so that it can be put back.
    replaced = models.JSONField(_("replaced"), default=dict)
    # How far the expert changed what was written, when it was applied or discarded: content_assistant.learning.
    outcome = models.JSONField(_("outcome"), default=dict)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["expert", "key"], name="draft_key"),
            models.CheckConstraint(
                condition=(Q(tool="service") | Q(service=None) | Q(tool="translate"))
                & (Q(tool="inquiry", inquiry__isnull=False) | (~Q(tool="inquiry") & Q(inquiry=None)))
                & (Q(tool="translate") | Q(source=None)),
                name="draft_subject",
            ),
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False) | ~Q(state="applied"),
                name="draft_applied",
            ),
        ]
        indexes = [models.Index(fields=["expert", "-id"], name="draft_newest")]

    def __str__(self) -> str:
        return f"{self.get_tool_display()} {self.pk}"


class Version(models.Model):
    """One attempt at a draft. Texts stay as they were; an edit is a version of its own."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being written")
        READY = "ready", _("ready")
        HELD = "held", _("being looked at by our team")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", pgettext_lazy("text being written", "cancelled")
        REJECTED = "rejected", _("not approved")

    class Origin(models.TextChoices):
        MODEL = "model", _("language model")
        OFFLINE = "offline", _("template")
        EXPERT = "expert", _("expert")
        STAFF = "staff", _("our team")

    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
        State.RUNNING: frozenset({State.RUNNING, State.READY, State.HELD, State.FAILED, State.CANCELLED}),
        State.HELD: frozenset({State.READY, State.REJECTED}),
        State.READY: frozenset(),
        State.FAILED: frozenset(),
        State.CANCELLED: frozenset(),
        State.REJECTED: frozenset(),
    }
    OPEN = (State.QUEUED, State.RUNNING)

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    origin = models.CharField(_("written by"), max_length=7, choices=Origin, blank=True)
    wish = models.CharField(_("wish"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    # What the tool has beside the text: days of an itinerary, keywords, a meta description.
    data = models.JSONField(_("data"), default=dict)
    # What code found about it: a list of checks.Finding, and of checks.Claim, as JSON.
    findings = models.JSONField(_("findings"), default=list)
    claims = models.JSONField(_("claims"), default=list)
    citations = models.JSONField(_("citations"), default=list)
    # Of all facts it was written from, so that one sees when they have changed; content_assistant.facts.
    facts = models.CharField(_("digest of the facts"), max_length=64, blank=True)
    prompt_version = models.PositiveSmallIntegerField(_("prompt version"), null=True, blank=True)
    model = models.CharField(_("model"), max_length=100, blank=True)
    notice = models.CharField(_("notice"), max_length=300, blank=True)  # why the offline writer wrote it
    error = models.CharField(_("error"), max_length=300, blank=True)
    cost = models.DecimalField(_("cost in USD"), max_digits=12, decimal_places=6, default=0)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a draft")
        verbose_name_plural = _("versions of drafts")
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="version_number"),
            # One text of a draft is written at a time.
            models.UniqueConstraint(
                fields=["draft"], condition=Q(state__in=["queued", "running"]), name="version_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | (~Q(state__in=["queued", "running"]) & Q(finished_at__isnull=False)),
                name="version_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} · {self.number}"

    @property
    def stream(self) -> str:
        """The name under which it is read while it is written: door.read."""
        return f"draft-{self.draft_id}-{self.number}"


class Ruling(models.Model):
    """What the machine held back and what a person said of it: two verdicts, kept apart."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        EDITED = "edited", _("edited and approved")
        REJECTED = "rejected", _("rejected")

    version = models.OneToOneField(
        Version, on_delete=models.CASCADE, related_name="ruling", verbose_name=_("version")
    )
    # The output filter's verdicts, as JSON: place in the text, reason, span.
    verdicts = models.JSONField(_("why it was held"))
    held_at = models.DateTimeField(_("held back"), default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken by"),
    )
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("held draft")
        verbose_name_plural = _("held drafts")
        permissions = [("decide_ruling", _("Can decide on held drafts"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (Q(decision__in=["approved", "edited", "rejected"]) & Q(decided_at__isnull=False)),
                name="ruling_decided",
            ),
        ]
        indexes = [models.Index(fields=["held_at"], condition=Q(decision=""), name="ruling_open")]

    def __str__(self) -> str:
        return f"{self.version_id}"


class Token(models.Model):
    """Lets a program ask for drafts in a person's name. Only its digest is kept: content_assistant.tokens."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="assistant_token", verbose_name=_("user")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return str(self.user_id)
