"""The durable mails of bookings. Beside `bookings.tasks`, because what beat starts there asks for them here."""

from celery import shared_task
from django.utils.translation import override

from accounts.models import AuditEvent
from bookings import notices
from bookings.models import Booking
from jobs import effects
from jobs.durable import DurableTask


@shared_task(base=DurableTask, queue="mail", lease=60)
def mail_booking(event_id: int) -> None:
    """Tell everybody of the booking what somebody else, or time, did to it: each once for the event."""
    event = AuditEvent.objects.get(pk=event_id)
    booking = Booking.objects.with_people().filter(pk=event.target_id).first()
    if booking is None:
        return
    for reader in (booking.traveler, booking.expert.user):
        if reader.pk != event.actor_id or event.action in notices.TO_BOTH:
            with override(reader.language):
                mail = notices.of_booking(booking, event, reader)
            effects.send_mail(f"booking-{event_id}-{reader.pk}", mail)
