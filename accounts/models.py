import zoneinfo
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import acts


def validate_time_zone(name: str) -> None:
    """Old names such as Asia/Calcutta are accepted: the zone database keeps them."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:  # “Europe” is a folder
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name}) from error


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """UTC where the name is none: a stored one may have left the zone database."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


ROLE_FIELDS = ["is_staff", "is_superuser", "is_active"]


# Roles decide who may do what, so each change keeps a row that no code path can forget.
@pghistory.track(pghistory.UpdateEvent(condition=pghistory.AnyChange(*ROLE_FIELDS)), fields=ROLE_FIELDS)
class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address: traveler, expert or staff."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    language = models.CharField(
        _("language"),
        max_length=8,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text=_("Of mails."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter the admin."))
    is_demo = models.BooleanField(_("demo"), default=False, help_text=_("Made by load_demo."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            # One spelling of an address, so that one plain index keeps it unique and finds it.
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case")
        ]
        permissions = [
            ("export_user", "Can have a person's data exported for them"),
            ("erase_user", "Can erase accounts"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zone_of(self.time_zone)

    @property
    def unread_notices(self) -> int:
        """Of whoever is signed in: accounts.backends reads them with the row."""
        return len(getattr(self, "unread_urls", ()))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ", 1)[0] if self.name else self.email.split("@", 1)[0]


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class UserRole(User.groups.through):  # type: ignore[name-defined]  # the through class exists only at run time
    """A user's membership in a staff role."""

    class Meta:
        proxy = True


class AuditEvent(models.Model):
    """Who did what to which row. Written in the transaction of the act itself, never changed."""

    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    action = models.CharField(_("action"), max_length=64)
    target_type = models.CharField(_("kind of target"), max_length=64)
    target_id = models.BigIntegerField(_("target"))
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["target_type", "target_id", "-id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"

    @property
    def said(self) -> str:
        """In words; as it is stored where nobody does that any more."""
        return str(acts.WORDS.get(self.action, self.action))


class Archive(models.Model):
    """All that is held about a person, as one file. Its rows are deleted when its days are over."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="archives", verbose_name=_("user"))
    asked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)

    class Meta:
        verbose_name = _("archive of personal data")
        verbose_name_plural = _("archives of personal data")
        constraints = [
            # A second click asks for the one that is being made.
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="waiting"), name="archive_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="ready", ready_at__isnull=False)
                | (~Q(state="ready") & Q(ready_at__isnull=True)),
                name="archive_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.asked_at:%Y-%m-%d}"


class ArchivePart(models.Model):
    """A piece of the file: neither worker nor web server ever holds all of it."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an archive")
        verbose_name_plural = _("parts of archives")
        constraints = [models.UniqueConstraint(fields=["archive", "number"], name="archive_part")]

    def __str__(self) -> str:
        return f"{self.archive_id} · {self.number}"


class Delivery(models.TextChoices):
    """How somebody hears of a kind of event. The site shows all of them."""

    NOW = "now", _("by e-mail at once")
    DIGEST = "digest", _("in the daily e-mail")
    SITE = "site", _("only on the site")


class NoticePreference(models.Model):
    """What a person chose for one kind of notice; without a row the kind's own default holds."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notice_preferences", db_index=False
    )
    kind = models.CharField(max_length=64)
    delivery = models.CharField(max_length=8, choices=Delivery)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notice_preference_unique"),
            models.CheckConstraint(
                condition=Q(delivery__in=["now", "digest", "site"]), name="notice_preference_delivery"
            ),
        ]


class NoticeMail(models.Model):
    """A mail with one notice, or with all of a morning. Its row tells staff what became of it."""

    class State(models.TextChoices):
        DUE = "due", _("under way")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not needed any more")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notice_mails", verbose_name=_("to")
    )
    # Of a digest: the morning it is for, by the reader's clock.
    day = models.DateField(_("digest of"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DUE)
    error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("asked"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail of notices")
        verbose_name_plural = _("mails of notices")
        permissions = [("send_again_noticemail", _("Can send failed mails of notices again"))]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="notice_mail_one_digest_a_day"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["due", "failed", "dropped"], sent_at__isnull=True),
                name="notice_mail_sent",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="notice_mail_state")]

    def __str__(self) -> str:
        return f"{self.user} · {self.day or self.pk}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def waiting(self) -> "NoticeQuerySet":
        """For a digest. What was read on the site meanwhile needs no mail."""
        return self.unread().filter(delivery=Delivery.DIGEST, mail=None)


class Notice(models.Model):
    """What one person was told of one event. The facts are stored, the words are found when they are read."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", db_index=False)
    # Whose name and words stand in the facts: they go when that person's account is erased.
    about = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=500, blank=True)
    delivery = models.CharField(max_length=8, choices=Delivery)
    mail = models.ForeignKey(
        NoticeMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_told_once"),
            models.CheckConstraint(
                condition=Q(delivery__in=["now", "digest"]) | Q(delivery="site", mail__isnull=True),
                name="notice_delivery",
            ),
            # A link leads to this site and nowhere else.
            models.CheckConstraint(
                condition=Q(url="")
                | (Q(url__startswith="/") & ~Q(url__startswith="//") & ~Q(url__startswith="/\\")),
                name="notice_url",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_newest"),
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["user", "created_at"],
                condition=Q(delivery="digest", mail=None, read_at=None),
                name="notice_waiting",
            ),
            models.Index(fields=["mail"], condition=Q(mail__isnull=False), name="notice_of_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
