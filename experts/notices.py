"""The mails an expert gets."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from experts.models import Expert

# By the action of the audit event: the subject and the first paragraph.
MOVES = {
    "expert.submit": (
        _("Your application is with our reviewers"),
        _("Our team handed in your application for you."),
    ),
    "expert.approve": (
        _("Welcome: your profile is live"),
        _("We read your application and are glad to have you. From now on travelers are matched with you."),
    ),
    "expert.return": (
        _("Your application needs a change"),
        _(
            "We read your application and can’t approve it as it is. Change what is named below and hand it in again."
        ),
    ),
    "expert.pause": (
        _("Your profile is paused"),
        _("Our team paused your profile. Travelers are not matched with you until it is resumed."),
    ),
    "expert.resume": (
        _("Your profile is live again"),
        _("Our team resumed your profile. Travelers are matched with you again."),
    ),
    "expert.reopen": (
        _("Your profile is live again"),
        _("The day you named has come, so your profile is open again. Travelers are matched with you."),
    ),
    "expert.suspend": (
        _("Your profile is suspended"),
        _("Our team suspended your profile. It is hidden, and travelers are not matched with you."),
    ),
    "expert.reinstate": (
        _("Your profile is live again"),
        _("Our team lifted the suspension. Travelers are matched with you again."),
    ),
}


def of_move(expert: Expert, event: AuditEvent) -> EmailMessage:
    subject, opening = MOVES[event.action]
    body = render_to_string(
        "experts/mail/move.txt",
        {
            "expert": expert,
            "opening": opening,
            "reason": event.detail["reason"],
            "url": settings.SITE_URL + expert.get_absolute_url(),
            "is_public": Expert.objects.public().contains(expert),
        },
    )
    return EmailMessage(str(subject), body, to=[expert.user.email])
