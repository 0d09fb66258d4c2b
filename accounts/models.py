import zoneinfo
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Old names such as Asia/Calcutta are accepted: the zone database keeps them."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:  # “Europe” is a folder
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name}) from error


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
