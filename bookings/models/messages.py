import uuid
from typing import ClassVar

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models.inquiries import Inquiry, Side
from bookings.models.offers import Offer

LONGEST_MESSAGE = 4000
FOLDER = "attachments"


class Message(models.Model):
    """One entry of a thread: words, an offer, or what became of one. Entries stay as they were written."""

    class Kind(models.TextChoices):
        TEXT = "text", _("message")
        OFFER = "offer", _("offer")
        ACCEPTED = "accepted", _("offer accepted")
        WITHDRAWN = "withdrawn", _("offer withdrawn")
        EXPIRED = "expired", _("offer expired")

    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.CASCADE, related_name="messages", verbose_name=_("inquiry")
    )
    side = models.CharField(_("from"), max_length=8, choices=Side)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.TEXT)
    offer = models.ForeignKey(
        Offer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("offer"),
    )
    body = models.TextField(_("message"), max_length=LONGEST_MESSAGE, blank=True)
    # Where the body holds contact details, as [start, end, kind]; None where nobody has looked yet.
    contacts = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    # Comes with the form, so that a double click is one message.
    key = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "key"], name="message_key"),
            models.UniqueConstraint(fields=["offer", "kind"], name="message_of_offer"),
            models.CheckConstraint(
                condition=Q(kind="text", offer=None) | (~Q(kind="text") & Q(offer__isnull=False)),
                name="message_kind",
            ),
        ]
        indexes = [models.Index(fields=["inquiry", "-id"], name="message_of_inquiry")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


def private_storage() -> Storage:
    return storages["private"]


def random_name(attachment: "Attachment", filename: str) -> str:
    """Nothing of what the sender calls it: the name on disk can neither be guessed nor do anything."""
    name = uuid.uuid4().hex
    return f"{FOLDER}/{name[:2]}/{name}"


class Attachment(models.Model):
    """A file that came with a message. Its bytes lie outside of all that the web server serves."""

    class Kind(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        WEBP = "image/webp", "WebP"
        TEXT = "text/plain", _("plain text")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("message")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    size = models.PositiveIntegerField(_("size"))
    file = models.FileField(storage=private_storage, upload_to=random_name, max_length=60)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        # That there is a file is in the thread; what is in it is for those who decide on reports.
        permissions = [("read_attachment", "Can read attachments")]

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """What somebody asks staff to look at: a thread, or one message of it."""

    class Reason(models.TextChoices):
        OFF_SITE = "off_site", _("wants to pay or book outside Traveloure")
        FRAUD = "fraud", _("fraud or a false identity")
        RUDE = "rude", _("rude, threatening or hateful")
        SPAM = "spam", _("advertising or spam")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("to review")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    MOVES: ClassVar[dict[str, list[str]]] = {
        State.OPEN: [State.UPHELD, State.DISMISSED],
        State.UPHELD: [],
        State.DISMISSED: [],
    }

    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.CASCADE, related_name="reports", verbose_name=_("inquiry")
    )
    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("message"),
    )
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("reported by"))
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    text = models.TextField(_("what happened"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("reported"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    outcome = models.CharField(_("decision and reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        permissions = [("decide_report", "Can decide on reports")]
        constraints = [
            # A second click, or a second thought, finds the report that nobody has decided yet.
            models.UniqueConstraint(
                fields=["inquiry", "message", "by"],
                condition=Q(state="open"),
                name="report_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="report_decided",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="open"), name="report_open")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.pk}"
