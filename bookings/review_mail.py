"""The mails about reviews, one for each audit event that somebody else should hear of."""

from typing import Any

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import AuditEvent, User
from bookings.models import Written
from jobs import effects
from jobs.durable import DurableTask

# By the action of the audit event: the subject and the first paragraph.
TOLD = {
    "review.write": (
        _("%(name)s wrote a review about your trip together"),
        _(
            "%(name)s wrote a review about your trip together. Write yours too: both are published at the same time,"
            " or after 7 days if only one of you has written."
        ),
    ),
    "review.publish": (
        _("%(name)s’s review about you is published"),
        _("What %(name)s wrote about you is published. You can reply to it once, in public."),
    ),
    "review.reply": (
        _("%(name)s replied to your review"),
        _("%(name)s replied to what you wrote. The reply stands below your review."),
    ),
    "review.hide": (
        _("Your review is hidden"),
        _("Our team hid your review. Nobody but you sees it, and it doesn’t count any more."),
    ),
    "review.show": (
        _("Your review is shown again"),
        _("Our team shows your review again, and it counts as before."),
    ),
}
TO_THE_REVIEWED = {"review.write", "review.publish"}


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_review(event_id: int) -> None:
    event = AuditEvent.objects.get(pk=event_id)
    model: Any = apps.get_model(event.target_type)
    review = model.objects.with_people().filter(pk=event.target_id).first()
    if review is None:
        return
    to = review.reviewed if event.action in TO_THE_REVIEWED else review.author
    if to.is_active:  # an account erased since then has nobody to tell
        with override(to.language):
            mail = of_event(event, review, to)
        effects.send_mail(f"review-{event_id}", mail)


def of_event(event: AuditEvent, review: Written, to: User) -> EmailMessage:
    other = review.author if to == review.reviewed else review.reviewed
    subject, opening = TOLD[event.action]
    # Names lose their line breaks: one of them would end the subject.
    named = {"name": " ".join(other.name.split())}
    body = render_to_string(
        "bookings/mail/review.txt",
        {
            "name": to.name,
            "opening": opening % named,
            "reason": event.detail.get("reason", ""),
            "url": settings.SITE_URL + reverse("bookings:review", args=[review.booking_id]),
        },
    )
    return EmailMessage(str(subject % named), body, to=[to.email])
