"""What travelers and experts are told of each other, and with which words.

The facts that the words know: `who` (the other person's name), `side` (the reader's: "expert" or "traveler"), `what`
(a service's title), `start`, `end` and `zone` (or two days), `people`, `price` and `currency`, `until` (an answer is
needed, or the offer stands), `refund` (an amount, known by then), `starts` and `cancellation` (a booking's own copy of
its terms, and when they count from), `before` (the state it was in), `reason` and `text` (what somebody wrote),
`by_staff` (our team did), `missing` (the side that did not come), `city`, `stars`; of what staff decide `state` (what
it came to), and of a dispute `about` (why), `opener` (a side) and `cancelled` (the booking is, by it). Any may not be
there.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.notices.facts import Details, Facts
from accounts.notices.kinds import Kind, Words, register
from bookings import worded
from bookings.models import Booking, Dispute, Report
from markets import formats

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_QUOTE = 5000


def _of_message(facts: Facts) -> Words:
    who = {"name": facts["who"]}
    title = (_("%(name)s asks about a trip") if facts["first"] else _("%(name)s wrote to you")) % who
    closing = _("Nothing is booked or paid yet.") if facts["first"] else ""
    quote = _quote(facts, "text")
    opening = (_("%(name)s wrote to you:") if quote else _("%(name)s sent you a file.")) % who
    closing = closing or _("The next e-mail about this conversation comes once you have read this.")
    return Words(title, opening, quote, _trip(facts), closing, _("Read and answer"))


def _trip(facts: Facts) -> Details:
    when = next((value for _label, value in facts.when()), "") or _month(facts)
    place = ", ".join(part for part in (str(facts["city"]), when) if part)
    return [(_("The trip"), place)] if place else []


def _month(facts: Facts) -> str:
    month = facts.month("month")
    days = facts["days"] if isinstance(facts["days"], int) else 0
    if not (month and days):
        return month
    return ngettext("%(days)s day in %(month)s", "%(days)s days in %(month)s", days) % {
        "days": days,
        "month": month,
    }


def _quote(facts: Facts, name: str) -> str:
    return str(facts[name]).strip()[:LONGEST_QUOTE]


def _details(facts: Facts) -> Details:
    """What is agreed or asked, as far as the facts tell."""
    rows = [
        (_("What"), str(facts["what"])),
        *facts.when(),
        (_("People"), str(facts["people"])),
        (_("Price"), facts.money("price")),
        (_("Refund"), facts.money("refund")),
        (_("Open until"), facts.moment("until")),
        (_("If it is cancelled"), _terms(facts)),
    ]
    return [(label, value) for label, value in rows if value]


def _terms(facts: Facts) -> str:
    """What the booking keeps of its cancellation policy."""
    start, price, kept = facts.instant("starts"), facts.amount("price"), facts["cancellation"]
    if not (start and price and isinstance(kept, dict)):
        return ""
    zone = timezone.get_current_timezone_name()
    currency = str(facts["currency"]) or "USD"
    terms = worded.terms_of(kept, start=start, price=price, currency=currency, zone=zone, day=formats.dated)
    return " ".join(terms)


def _told(title: "StrOrPromise", text: "StrOrPromise", action: "StrOrPromise", facts: Facts) -> Words:
    """Of an offer or a booking; what somebody wrote about it stands as a quote."""
    reason, note = _quote(facts, "reason"), _quote(facts, "text")
    by_staff = _("Our team did this.") if facts["by_staff"] else ""
    parts = [str(text) % facts, by_staff, _("The reason:") if reason else ""]
    said = "\n\n".join(part for part in parts if part)
    return Words(str(title) % facts, said, reason or note, _details(facts), action=str(action))


def _either(
    for_expert: Callable[[Facts], Words], for_traveler: Callable[[Facts], Words], facts: Facts
) -> Words:
    return for_expert(facts) if facts["side"] == "expert" else for_traveler(facts)


def _of_expired(facts: Facts) -> Words:
    """Whose turn it was is not the same for a request and for a time that was held."""
    held = facts["before"] == "held"
    if facts["side"] == "expert":
        title = _("The request by %(who)s has expired")
        text = (
            _("%(who)s did not confirm in time. The time is free again.")
            if held
            else _("You did not answer in time. The time is free again.")
        )
    elif held:
        title = _("Your time with %(who)s is not reserved any more")
        text = _("%(who)s had said yes, and you did not confirm in time. The time is free again.")
    else:
        title = _("Your request to %(who)s has expired")
        text = _("%(who)s did not answer in time. Nothing is booked, and nothing is to pay.")
    return _told(title, text, BOOKING, facts)


def _of_no_show(facts: Facts) -> Words:
    """Who did not come; of old ones nobody has noted it."""
    missing, parts = facts["missing"], [_("If that is wrong, tell our team from the booking’s page.")]
    if missing not in Booking.Missing.values:
        title = _("The booking with %(who)s is noted as missed")
        parts.insert(0, _("One of you did not come."))
    elif missing == facts["side"]:
        title = _("Noted: you did not come to your booking with %(who)s")
    else:
        title = _("Noted: %(who)s did not come to your booking")
    if missing == Booking.Missing.EXPERT:
        parts.insert(0, _("All of the price comes back to the traveler."))
    return _told(title, " ".join(parts), BOOKING, facts)


def _of_review(facts: Facts) -> Words:
    text = _("Both of you have written, or seven days have passed. This is what %(who)s says:") % facts
    stars = facts["stars"]
    given = [(_("Stars"), _("%(stars)s of 5") % {"stars": stars})] if stars else []
    title = _("%(who)s’s review of you is published") % facts
    return Words(title, text, _quote(facts, "text"), given, action=_("Read the review"))


def _of_waiting(facts: Facts) -> Words:
    title = _("%(who)s wrote a review about your trip together") % facts
    text = _(
        "Write yours too: both are published at the same time, or after 7 days if only one of you has written."
    )
    return Words(title, text, action=_("Write a review"))


def _of_hidden(facts: Facts) -> Words:
    text = _("Nobody but you sees it, and it doesn’t count any more.")
    return _moderated(_("Your review of %(who)s is hidden") % facts, text, facts)


def _of_shown(facts: Facts) -> Words:
    return _moderated(_("Your review of %(who)s is shown again") % facts, _("It counts as before."), facts)


def _moderated(title: str, text: str, facts: Facts) -> Words:
    reason = _quote(facts, "reason")
    said = "\n\n".join([text, _("The reason:")]) if reason else text
    return Words(title, said, reason, action=_("Open your review"))


def _of_reply(facts: Facts) -> Words:
    title = _("%(who)s replied to your review") % facts
    return Words(
        title, _("The reply stands below your review."), _quote(facts, "text"), action=_("Read the reply")
    )


def _of_dispute(facts: Facts) -> Words:
    title = _("%(who)s has opened a dispute about your booking") % facts
    text = _(
        "Our team reads what happened and decides. If you see it otherwise, say so on the same page: open one yourself."
    )
    return Words(title, text, _quote(facts, "text"), _disputed(facts), action=_("Read it and answer"))


def _of_decided_dispute(facts: Facts) -> Words:
    upheld, own = facts["state"] == Dispute.State.UPHELD, facts["opener"] == facts["side"]
    if upheld:
        text = (
            _("Your dispute is upheld.") if own else _("The dispute that %(who)s opened is upheld.") % facts
        )
    else:
        text = (
            _("Your dispute is dismissed.")
            if own
            else _("The dispute that %(who)s opened is dismissed.") % facts
        )
    title = _("The dispute between you and %(who)s is decided") % facts
    cancelled = (
        _("The booking is cancelled by it: all of the price comes back.") if facts["cancelled"] else ""
    )
    said = "\n\n".join(part for part in (text, cancelled, _("The decision:")) if part)
    return Words(title, said, _quote(facts, "decision"), _disputed(facts), action=_("See the decision"))


def _disputed(facts: Facts) -> Details:
    reasons = dict(Dispute.Reason.choices)
    rows = [
        (_("What"), str(facts["what"])),
        *facts.when(),
        (_("About"), str(reasons.get(str(facts["about"]), ""))),
        (_("Price"), facts.money("price")),
        (_("Further refund"), facts.money("refund")),
    ]
    return [(label, value) for label, value in rows if value]


def _of_report(facts: Facts) -> Words:
    upheld = facts["state"] == Report.State.UPHELD
    text = (
        _("Our team has read it and agrees with you.")
        if upheld
        else _("Our team has read it and takes no step.")
    )
    title = _("Your report about %(who)s is decided") % facts
    said = "\n\n".join([text, _("The decision:")])
    return Words(title, said, _quote(facts, "decision"), action=_("Open the conversation"))


def _of_waitlist(facts: Facts) -> Words:
    title = _("An expert is there for you in %(city)s") % facts
    text = _("You asked us to write when somebody takes travelers in %(city)s. Now somebody does.") % facts
    return Words(title, text, action=_("See who it is"))


BOOKING, OFFER = gettext_lazy("See the booking"), gettext_lazy("See the offer")
CONVERSATIONS, BOOKINGS = gettext_lazy("Conversations"), gettext_lazy("Bookings")
REVIEWS, FINDING = gettext_lazy("Reviews"), gettext_lazy("Finding an expert")


def _offer(name: str, label: "StrOrPromise", title: "StrOrPromise", text: "StrOrPromise") -> Kind:
    return Kind(f"offer.{name}", label, CONVERSATIONS, partial(_told, title, text, OFFER))


def _booking(
    name: str,
    label: "StrOrPromise",
    title: "StrOrPromise",
    text: "StrOrPromise",
    other: "StrOrPromise" = "",
    other_text: "StrOrPromise" = "",
) -> Kind:
    """`other`, `other_text`: for the traveler, where they are not the expert's."""
    words = partial(_told, title, text, BOOKING)
    if other:
        words = partial(_either, words, partial(_told, other, other_text or text, BOOKING))
    return Kind(name if "." in name else f"booking.{name}", label, BOOKINGS, words)


register(
    Kind("inquiry.message", gettext_lazy("A message for you"), CONVERSATIONS, _of_message, unless_read=True),
    _offer(
        "made",
        gettext_lazy("An offer for you"),
        gettext_lazy("%(who)s made you an offer"),
        gettext_lazy("Accept it, answer with another one, or ask."),
    ),
    _offer(
        "countered",
        gettext_lazy("Another offer in answer to yours"),
        gettext_lazy("%(who)s answered your offer with another one"),
        gettext_lazy("Your own offer is closed by it."),
    ),
    _offer(
        "withdrawn",
        gettext_lazy("An offer for you is withdrawn"),
        gettext_lazy("%(who)s took the offer back"),
        gettext_lazy("It can’t be accepted any more."),
    ),
    _offer(
        "expired",
        gettext_lazy("An offer has expired"),
        gettext_lazy("The offer between you and %(who)s has expired"),
        gettext_lazy("Nobody accepted it in time. A new one can be made in the same conversation."),
    ),
    _booking(
        "requested",
        gettext_lazy("A booking is asked for"),
        gettext_lazy("%(who)s would like to book you"),
        gettext_lazy("It is confirmed only when you say yes."),
        gettext_lazy("You asked %(who)s for a booking"),
        gettext_lazy("It is confirmed only when the expert says yes."),
    ),
    _booking(
        "held",
        gettext_lazy("A time is held"),
        gettext_lazy("Your time with %(who)s is reserved"),
        gettext_lazy("Nobody else can book it until then. It is not confirmed yet."),
        gettext_lazy("%(who)s says yes: confirm your booking"),
    ),
    _booking(
        "confirmed",
        gettext_lazy("A booking is confirmed"),
        gettext_lazy("Your booking with %(who)s is confirmed"),
        gettext_lazy("It stands as agreed below."),
    ),
    _booking(
        "declined",
        gettext_lazy("A booking is declined"),
        gettext_lazy("The booking that %(who)s asked for is declined"),
        gettext_lazy("Nothing is booked, and nothing is to pay."),
        gettext_lazy("%(who)s can’t take your booking"),
    ),
    Kind("booking.expired", gettext_lazy("A request or a hold has expired"), BOOKINGS, _of_expired),
    _booking(
        "cancelled",
        gettext_lazy("A booking is cancelled"),
        gettext_lazy("The booking with %(who)s is cancelled"),
        gettext_lazy("What is paid back follows the policy that was agreed with the booking."),
    ),
    _booking(
        "completed",
        gettext_lazy("A booking is completed"),
        gettext_lazy("Your booking with %(who)s is completed"),
        gettext_lazy("Tell others how it was: reviews are published together, or after seven days."),
    ),
    Kind("booking.no_show", gettext_lazy("Somebody did not come"), BOOKINGS, _of_no_show),
    _booking(
        "expert_suspended",
        gettext_lazy("An expert whom you have booked is suspended"),
        gettext_lazy("The profile of %(who)s is suspended"),
        gettext_lazy(
            "What is confirmed stands; what is only asked for can’t be agreed on at present. You can cancel it: as"
            " long as the profile is suspended, everything comes back."
        ),
    ),
    _booking(
        "expert_reinstated",
        gettext_lazy("The suspension of an expert whom you have booked is lifted"),
        gettext_lazy("The profile of %(who)s is open again"),
        gettext_lazy(
            "The suspension is lifted. What you have booked or asked for goes on, and if you cancel it, its own terms"
            " hold again."
        ),
    ),
    _booking(
        "reschedule.proposed",
        gettext_lazy("Another time is proposed"),
        gettext_lazy("%(who)s proposes another time"),
        gettext_lazy("The agreed time stays until you say yes. Below stands the proposed one."),
    ),
    _booking(
        "reschedule.accepted",
        gettext_lazy("Your other time is accepted"),
        gettext_lazy("%(who)s agrees to the other time"),
        gettext_lazy("The booking is moved to it:"),
    ),
    _booking(
        "reschedule.withdrawn",
        gettext_lazy("Another time is not proposed any more"),
        gettext_lazy("%(who)s takes the other time back"),
        gettext_lazy("The booking stays as it was:"),
    ),
    _booking(
        "reschedule.expired",
        gettext_lazy("Another time was not answered"),
        gettext_lazy("The other time for your booking with %(who)s has run out"),
        gettext_lazy("Nobody answered in time. The booking stays as it was; below stands what was proposed."),
    ),
    _booking(
        "reschedule.refused",
        gettext_lazy("Your other time is refused"),
        gettext_lazy("%(who)s keeps to the agreed time"),
        gettext_lazy("The booking stays as it was:"),
    ),
    Kind("dispute.opened", gettext_lazy("A dispute about your booking"), BOOKINGS, _of_dispute),
    Kind("dispute.decided", gettext_lazy("A dispute is decided"), BOOKINGS, _of_decided_dispute),
    Kind("report.decided", gettext_lazy("A report of yours is decided"), CONVERSATIONS, _of_report),
    Kind("review.write", gettext_lazy("Somebody has written a review of you"), REVIEWS, _of_waiting),
    Kind("review.publish", gettext_lazy("A review of you is published"), REVIEWS, _of_review),
    Kind("review.reply", gettext_lazy("A reply to your review"), REVIEWS, _of_reply),
    Kind("review.hide", gettext_lazy("A review of yours is hidden"), REVIEWS, _of_hidden),
    Kind("review.show", gettext_lazy("A review of yours is shown again"), REVIEWS, _of_shown),
    Kind("waitlist.opened", gettext_lazy("An expert opens where you wait"), FINDING, _of_waitlist),
)
