"""What experts are told of their own affairs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent
from accounts.notices.facts import Facts
from accounts.notices.kinds import Kind, Words, register
from accounts.notices.telling import tell
from experts.models import Expert, Verification

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# By the action of the audit event: how preferences call it, the subject and the first paragraph.
MOVES: dict[str, tuple["StrOrPromise", "StrOrPromise", "StrOrPromise"]] = {
    "expert.submit": (
        gettext_lazy("Application handed in for you"),
        gettext_lazy("Your application is with our reviewers"),
        gettext_lazy("Our team handed in your application for you."),
    ),
    "expert.approve": (
        gettext_lazy("Application approved"),
        gettext_lazy("Welcome: your profile is live"),
        gettext_lazy(
            "We read your application and are glad to have you. From now on travelers are matched with you."
        ),
    ),
    "expert.return": (
        gettext_lazy("Application returned"),
        gettext_lazy("Your application needs a change"),
        gettext_lazy(
            "We read your application and can’t approve it as it is. Change what is named below and hand it in again."
        ),
    ),
    "expert.pause": (
        gettext_lazy("Profile paused by our team"),
        gettext_lazy("Your profile is paused"),
        gettext_lazy("Our team paused your profile. Travelers are not matched with you until it is resumed."),
    ),
    "expert.resume": (
        gettext_lazy("Profile resumed by our team"),
        gettext_lazy("Your profile is live again"),
        gettext_lazy("Our team resumed your profile. Travelers are matched with you again."),
    ),
    "expert.reopen": (
        gettext_lazy("Profile open again after a pause"),
        gettext_lazy("Your profile is live again"),
        gettext_lazy(
            "The day you named has come, so your profile is open again. Travelers are matched with you."
        ),
    ),
    "expert.suspend": (
        gettext_lazy("Profile suspended"),
        gettext_lazy("Your profile is suspended"),
        gettext_lazy(
            "Our team suspended your profile. It is hidden, and travelers are not matched with you."
        ),
    ),
    "expert.reinstate": (
        gettext_lazy("Suspension lifted"),
        gettext_lazy("Your profile is live again"),
        gettext_lazy("Our team lifted the suspension. Travelers are matched with you again."),
    ),
}


def of_move(expert: Expert, event: AuditEvent) -> None:
    """In the transaction of the move, of which the event is the record."""
    is_public = Expert.objects.public().contains(expert)
    own = reverse("experts:apply") if expert.status == Expert.Status.DRAFT else ""
    tell(
        user=expert.user,
        kind=event.action,
        key=f"expert-move-{event.pk}",
        facts={"reason": event.detail["reason"], "public": is_public},
        url=expert.get_absolute_url() if is_public else own,
    )


def of_check(expert: Expert, event: AuditEvent) -> None:
    """Something about them is marked as checked, or is not any more."""
    tell(
        user=expert.user,
        kind=event.action,
        key=f"expert-move-{event.pk}",
        facts={"checked": event.detail["kind"], "reason": event.detail.get("reason", "")},
        url=expert.get_absolute_url() if Expert.objects.public().contains(expert) else "",
    )


def _of_check(facts: Facts) -> Words:
    return Words(
        _("Checked by our team: %(what)s") % {"what": _checked(facts)},
        _("Your profile says that we have checked it."),
        action=_("View profile"),
    )


def _of_withdrawn_check(facts: Facts) -> Words:
    opening = _("Your profile does not say any more that we have checked it.")
    return Words(
        _("Not marked as checked any more: %(what)s") % {"what": _checked(facts)},
        f"{opening}\n\n{_('The reason:')}",
        quote=str(facts["reason"]).strip(),
        action=_("View profile"),
    )


def _checked(facts: Facts) -> str:
    return str(dict(Verification.Kind.choices).get(str(facts["checked"]), ""))


def _words(subject: "StrOrPromise", opening: "StrOrPromise") -> Callable[[Facts], Words]:
    return partial(_of_move, subject, opening)


def _of_move(subject: "StrOrPromise", opening: "StrOrPromise", facts: Facts) -> Words:
    reason = str(facts["reason"]).strip()
    text = f"{opening}\n\n{_('The reason:')}" if reason else str(opening)
    return Words(
        str(subject),
        text,
        quote=reason,
        action=_("View profile") if facts["public"] else _("Go on with your application"),
    )


register(
    *(
        Kind(action, label, gettext_lazy("Your application"), _words(subject, opening), for_travelers=False)
        for action, (label, subject, opening) in MOVES.items()
    ),
    Kind(
        "expert.verify",
        gettext_lazy("Something about you is marked as checked"),
        gettext_lazy("Your profile"),
        _of_check,
        for_travelers=False,
    ),
    Kind(
        "expert.unverify",
        gettext_lazy("Something about you is not marked as checked any more"),
        gettext_lazy("Your profile"),
        _of_withdrawn_check,
        for_travelers=False,
    ),
)
