"""A reply to an inquiry. It is put into the thread's box by the expert's click, and sent by nobody but them."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings import shown as masked
from bookings.models import Inquiry, Message, Side
from content_assistant import listening
from content_assistant.checks import Source, offers, replies, words
from content_assistant.models import Draft
from content_assistant.prompts.inquiry import FEWEST, INQUIRY, MOST, Facts, Journey, Line, Offer
from content_assistant.tools import languages, material, profile, rows
from content_assistant.tools.base import Tool, Written, register
from content_assistant.tools.reading import shown
from content_assistant.tools.rows import Rows
from experts.calendar import availability
from experts.calendar.clock import days_between, whole_day
from experts.calendar.periods import clip
from experts.models import Expert, Level, Service
from markets import formats
from travelers.models import Trip

LONGEST_MESSAGE, LONGEST_REVIEW, LONGEST_NAME = 2_000, 300, 30
MOST_DAYS = 31


class InquiryField(forms.ModelChoiceField):
    def label_from_instance(self, inquiry: Any) -> str:
        about = str(inquiry.trip) if inquiry.trip else gettext("no trip in particular")
        return f"{inquiry.traveler.name}: {about}"


class InquiryForm(forms.Form):
    inquiry = InquiryField(Inquiry.objects.none(), label=_("Inquiry"))
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Left open: the language the traveler writes in.")
    )

    def __init__(self, *args: Any, expert: Expert, **more: Any) -> None:
        super().__init__(*args, **more)
        inquiry, language = self.fields["inquiry"], self.fields["language"]
        assert isinstance(inquiry, forms.ModelChoiceField)
        assert isinstance(language, forms.ChoiceField)
        inquiry.queryset = Inquiry.objects.for_inbox().filter(expert=expert).order_by("-last_message")
        inquiry.empty_label = None  # the one that wrote last is chosen
        language.choices = [("", _("the traveler’s")), *languages.choices()]

    def clean(self) -> dict[str, Any]:
        """`language`: in which the reply is to be written."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if (inquiry := cleaned.get("inquiry")) and not cleaned.get("language"):
            cleaned["language"] = language_of(inquiry)
        return cleaned


def language_of(inquiry: Inquiry) -> str:
    """That of the traveler's messages; where they do not tell, that of their account."""
    known = rows.of(inquiry.expert, inquiry)
    said = " ".join(line.body for line in known.messages if line.side == Side.TRAVELER)
    return listening.language_of(said, otherwise=inquiry.traveler.language)


def facts(draft: Draft, wish: str, text_before: str) -> Facts:
    inquiry = _thread(draft)
    with languages.worded(draft.language):
        return _facts(draft, inquiry, wish, text_before)


def _thread(draft: Draft) -> Inquiry:
    assert draft.inquiry  # draft_subject
    return draft.inquiry


def _facts(draft: Draft, inquiry: Inquiry, wish: str, text_before: str) -> Facts:
    expert, known = draft.expert, rows.of(draft.expert, inquiry)
    lines = [
        Line(who="traveler" if one.side == Side.TRAVELER else "expert", text=_words(one, known))
        for one in known.messages
    ]
    return Facts(
        language=draft.language,
        style=expert.communication_style,
        traveler=first_name(inquiry.traveler.name),
        expert=expert.name,
        city=expert.market.name,
        profile=material.profile_of(expert),
        specialties=[gettext(name) for _slug, name, _depth in known.specialties],
        languages=[formats.language(code) for code, level in known.languages if level >= Level.B1],
        services=[_offer(one) for one in known.services],
        trip=_journey(expert, inquiry.trip, known) if inquiry.trip else None,
        messages=lines,
        questions=_questions(known),
        reviews=[shown(text, LONGEST_REVIEW) for text in known.reviews],
        wish=wish,
        text_before=text_before,
    )


def first_name(name: str) -> str:
    """The first, and of letters alone: a name is no place for a message."""
    first = name.split(" ", 1)[0][:LONGEST_NAME]
    return first if first.replace("-", "").replace("’", "").replace("'", "").isalpha() else ""


def _words(message: Message, known: Rows) -> str:
    """As the other side reads them: without contact details until the two have met."""
    body = masked.words(message, acquainted=known.acquainted)
    return shown(body, LONGEST_MESSAGE)


def _questions(known: Rows) -> list[str]:
    """Of what the traveler wrote since the expert's last word; of all they wrote, where that was the last word."""
    since: list[Message] = []
    for message in known.messages:
        since = [*since, message] if message.side == Side.TRAVELER else []
    asking = since or [message for message in known.messages if message.side == Side.TRAVELER]
    return listening.questions("\n".join(_words(message, known) for message in asking))


def _offer(service: Service) -> Offer:
    price = f"{formats.money(service.price, service.currency)} {service.get_price_unit_display()}"
    return Offer(
        title=shown(service.title, 140),
        about=shown(service.description, material.LONGEST_DESCRIPTION),
        price=price,
        length=service.length,
        group=service.group_size_max,
        includes=[shown(one, 140) for one in service.includes],
        notice=_notice(service.notice_hours),
        policy=str(service.get_cancellation_policy_display()),
    )


def _notice(hours: int) -> str:
    if hours % 24 == 0 and hours:
        return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours} if hours else ""


def _journey(expert: Expert, trip: Trip, known: Rows) -> Journey:
    free, taken = _calendar(expert, trip)
    when = (
        formats.day_range(trip.start, trip.end)
        if trip.start and trip.end
        else formats.month(trip.window()[0])
    )
    return Journey(
        when=when,
        adults=trip.adults,
        children=trip.children,
        interests=[gettext(name) for name in known.wanted],
        must_haves=shown(f"{trip.must_haves} {trip.nice_to_haves}", 1_000),
        brief=shown(trip.brief, LONGEST_MESSAGE),
        free=[formats.day(one) for one in free],
        taken=[formats.day(one) for one in taken],
    )


def _calendar(expert: Expert, trip: Trip) -> tuple[list[date], list[date]]:
    """Which days of the trip have open time, and which have none; of a month nothing is said."""
    if not (trip.start and trip.end) or trip.destination_id != expert.market_id:
        return [], []
    end = min(trip.end, trip.start + timedelta(days=MOST_DAYS - 1)) + timedelta(days=1)
    calendar = availability.read(expert, trip.start, end)
    free: list[date] = []
    taken: list[date] = []
    for day in days_between(trip.start, end):
        is_open = bool(clip(calendar.open, *whole_day(day, calendar.zone)))
        (free if is_open else taken).append(day)
    return free, taken


def sources(draft: Draft) -> tuple[Source, ...]:
    inquiry = _thread(draft)
    known = rows.of(draft.expert, inquiry)
    with languages.worded(draft.language):
        services = known.services
        prices = "\n".join(
            f"{one.title}: {one.price}, {one.length}, {one.notice}" for one in map(_offer, services)
        )
        thread = "\n".join(_words(one, known) for one in known.messages)
        trip = _journey(draft.expert, inquiry.trip, known).model_dump_json() if inquiry.trip else ""
    found = (
        *material.sources_of(draft.expert, services),
        Source("service", gettext("your prices"), prices),
        Source("thread", gettext("this conversation"), thread, inquiry.get_absolute_url()),
        Source("trip", gettext("their trip"), trip),
    )
    return tuple(source for source in found if source.text)


TOOL = register(
    Tool(
        name=Draft.Tool.INQUIRY,
        label=_("Reply to an inquiry"),
        line=_("An answer to what a traveler asked, with first ideas. You send it, nobody else."),
        seconds=20,
        words=(FEWEST, MOST),
        form=InquiryForm,
        prompt=INQUIRY,
        facts=facts,
        sources=sources,
        checks=(
            words.length(FEWEST, MOST),
            words.language,
            words.banned,
            offers.contacts,
            offers.prices,
            offers.discounts,
            offers.unfinished,
            replies.recipient,
            replies.answered,
        ),
        written=Written,
        minutes=25,
        about=profile.reviewers,
    )
)
