"""What the accounts themselves hold about a person: accounts/personal.py."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import personal
from accounts.models import (
    Archive,
    ArchivePart,
    AuditEvent,
    Notice,
    NoticeMail,
    NoticePreference,
    User,
    UserRole,
)
from accounts.personal import ERASED_NAME, Held


def _anonymise(users: Any) -> None:
    for user in users:
        user.email = f"erased-{user.pk}@erased.invalid"
        user.name = ERASED_NAME
        user.set_unusable_password()  # ends every session as well
        user.is_active = user.is_staff = user.is_superuser = False
        user.time_zone, user.language, user.last_login = "UTC", "en", None
        user.date_joined = timezone.now()
        user.save()
        user.groups.clear()
        user.user_permissions.clear()


def edits_of(rows: QuerySet[Any]) -> Any:
    """The admin notes every edit together with what the row was called."""
    meta = rows.model._meta
    edits = LogEntry.objects.filter(
        content_type__app_label=meta.app_label, content_type__model=meta.model_name
    )
    return edits.filter(object_id__in=rows.values(text=Cast("pk", TextField())))


# Whom a notice about this person was sent to, and what it says of them.
_TOLD = frozenset({"user", "facts", "url", "mail", "delivery", "read_at"})


def _unname(notices: Any) -> None:
    """What somebody else was told keeps what happened, without this person's name and words: an offer's title is
    theirs as well. What staff decided stays.
    """
    said = Value({"who": ERASED_NAME, "what": "", "text": "", "reason": ""}, JSONField())
    notices.update(facts=CombinedExpression(F("facts"), "||", said), about=None)


def _unsay(events: QuerySet[AuditEvent]) -> None:
    """Who did what when stays, without what they said about it."""
    for model, names in personal.said().items():
        told = events.filter(target_type=model._meta.label_lower, detail__has_any_keys=names)
        without = Func(
            F("detail"), Value(names, ArrayField(TextField())), arg_joiner=" - ", template="%(expressions)s"
        )
        told.exclude(detail__contains={"side": "staff"}).update(detail=without)


def declare() -> None:
    events: Any = User.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    roles: Any = UserRole.pgh_event_model
    trail = _("The audit trail and the history of staff roles: who did what when. They know you by a number.")
    personal.hold(
        "accounts",
        Held("email_addresses", lambda user: EmailAddress.objects.filter(user=user), personal.delete),
        Held(
            "second_factors",
            lambda user: Authenticator.objects.filter(user=user),
            personal.delete,
            without=frozenset({"data"}),
        ),
        Held(
            "audit_events",
            lambda user: AuditEvent.objects.filter(actor=user),
            _unsay,
            stays=trail,
        ),
        Held(
            "access_history", lambda user: events.objects.filter(pgh_obj=user), personal.nothing, stays=trail
        ),
        Held("role_history", lambda user: roles.objects.filter(user=user), personal.nothing, stays=trail),
        Held("staff_edits", lambda user: LogEntry.objects.filter(user=user), personal.nothing, stays=trail),
        Held(
            "staff_edits_of_the_account",
            lambda user: edits_of(User.objects.filter(pk=user.pk)),
            personal.blank(object_repr=""),
            stays=trail,
        ),
        Held("notices", lambda user: Notice.objects.filter(user=user), personal.delete),
        Held("notices_about_me", lambda user: Notice.objects.filter(about=user), _unname, without=_TOLD),
        Held("notice_mails", lambda user: NoticeMail.objects.filter(user=user), personal.delete),
        Held("notice_choices", lambda user: NoticePreference.objects.filter(user=user), personal.delete),
        Held("archives", lambda user: Archive.objects.filter(user=user), personal.delete),
        Held(
            "account",
            lambda user: User.objects.filter(pk=user.pk),
            _anonymise,
            stays=_("A row without your name and address, so that what stays belongs to somebody."),
            without=frozenset({"password"}),
        ),
    )
    personal.exempt(ArchivePart, "The archive itself, which goes with its row.")
    personal.exempt(EmailConfirmation, "Keys of mailed links, which go with the address.")
