from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "attachment.read": _("read an attached file"),
        # Travelers and experts read these too, in the history of their booking.
        "booking.requested": _("asked for it"),
        "booking.held": _("accepted it"),
        "booking.confirmed": _("confirmed it"),
        "booking.declined": _("declined it"),
        "booking.expired": _("ran out"),
        "booking.cancelled": _("cancelled it"),
        "booking.completed": _("marked it as completed"),
        "booking.expert_missing": _("noted that the expert did not come"),
        "booking.traveler_missing": _("noted that the traveler did not come"),
        "booking.no_show": _("marked it as a no-show"),
        "booking.time_proposed": _("proposed another time"),
        "booking.time_accepted": _("accepted the other time"),
        "booking.time_declined": _("declined the other time"),
        "booking.time_withdrawn": _("withdrew the other time"),
        "booking.time_expired": _("let the other time run out"),
        "dispute.dismissed": _("dismissed the dispute"),
        "dispute.open": _("opened a dispute"),
        "dispute.upheld": _("upheld the dispute"),
        "inquiry.begun": _("began with a booking"),
        "inquiry.block": _("blocked the other"),
        "inquiry.sent": _("sent an inquiry"),
        "inquiry.unblock": _("unblocked the other"),
        "offer.accepted": _("accepted the offer"),
        "offer.countered": _("answered with another offer"),
        "offer.expired": _("let the offer run out"),
        "offer.offered": _("made an offer"),
        "offer.withdrawn": _("withdrew the offer"),
        "report.dismissed": _("dismissed the report"),
        "report.made": _("reported it"),
        "report.upheld": _("upheld the report"),
        "review.change": _("changed the review"),
        "review.hide": _("hid the review"),
        "review.publish": _("published the review"),
        "review.reply": _("replied to the review"),
        "review.show": _("showed the review again"),
        "review.write": _("wrote a review"),
    }
)
