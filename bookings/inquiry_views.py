"""The pages of threads, for both of the two people in one: who else asks for them finds nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import drafts, fragments
from accounts.compiled import Parameter
from accounts.errors import DomainError
from accounts.models import User
from accounts.notices import telling
from accounts.pagination import NewestFirst
from accounts.params import row_number
from bookings import attachments, offers, shown, thread_page, threads
from bookings.inquiry_forms import (
    OFFER_FIELDS,
    ConfirmForm,
    MessageForm,
    OfferForm,
    ReportForm,
    answers_of,
    key_of,
)
from bookings.members import members
from bookings.models import Attachment, Inquiry, Message, Offer, Side
from bookings.thread_page import Seat, Terms
from experts.models import Service

THREADS = 20  # a page of the inbox
NEWS = 50
STOP_POLLING = 286  # htmx asks no more after this answer

page_or_form = require_http_methods(["GET", "HEAD", "POST"])


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


# What a line of the inbox reads.
READ = ["traveler__name", "expert__user__name", "traveler_unread", "expert_unread"]
READ += [f"last_message__{name}" for name in ("kind", "body", "contacts", "created_at")]
READ += [f"trip__{name}" for name in ("destination__name", "start", "end", "days", "flexible_month")]


def _inbox(side: Side) -> NewestFirst[Inquiry]:
    def build() -> QuerySet[Inquiry]:
        return Inquiry.objects.on_side(Parameter("user"), side).for_inbox().only(*READ)

    return NewestFirst(build, size=THREADS, by="last_message_id")


INBOX = {side: _inbox(side) for side in (Side.TRAVELER, Side.EXPERT)}


@require_safe
@members()
def inbox(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    waiting = threads.unread(user)
    is_expert = bool(getattr(user, "is_expert", False))
    side = _side(request.GET.get("side", ""), is_expert=is_expert)
    page = INBOX[side].page(request, user=user.pk)
    context = {
        "side": side,
        "is_expert": is_expert,
        "waiting": waiting,
        "lines": thread_page.lines(page.items, side, user.time_zone),
        "newer_url": page.newer_url,
        "older_url": page.older_url,
    }
    part = "_inbox.html" if "HX-Request" in request.headers else "inbox.html"
    return render(request, f"bookings/inquiries/{part}", context)


def _side(asked: str, *, is_expert: bool) -> Side:
    if asked in {Side.TRAVELER, Side.EXPERT} and is_expert:
        return Side(asked)
    return Side.EXPERT if is_expert else Side.TRAVELER


@require_safe
@never_cache
def unread(request: HttpRequest) -> HttpResponse:
    """The number beside “Account”, for a page that asks twice a minute."""
    if not request.user.is_authenticated:
        return HttpResponse(status=STOP_POLLING)
    count = sum(threads.unread(_user(request)).values())
    return render(request, "bookings/inquiries/_unread.html", {"count": count})


@page_or_form
@members("body")
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    seat = thread_page.take(request, pk)
    form = MessageForm(request.POST or None, request.FILES or None, initial=drafts.of(request))
    key = key_of(request.POST.get("key", ""))
    if request.method == "POST" and form.is_valid():
        try:
            body, files = form.cleaned_data["body"], form.cleaned_data["attached"]
            threads.send(inquiry=seat.inquiry, by=_user(request), body=body, key=key, files=files)
        except attachments.NotTaken as error:
            form.add_error("attached", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            drafts.drop(request)
            return redirect(f"{request.path}#end")
    return _thread(request, seat, form)


def _thread(request: HttpRequest, seat: Seat, form: MessageForm) -> HttpResponse:
    page = thread_page.page(seat.inquiry, request)
    last = page.items[0].pk if page.items else 0
    shown = thread_page.entries(page.items, seat)
    if request.method == "GET" and not page.newer_url:
        _seen(seat, last)
    context = thread_page.context(
        request, seat, form=form, key=uuid4(), entries=shown, last=last, page=page, live=not page.newer_url
    )
    if not form.is_bound and not form.initial:
        context["fields"] = fragments.kept("message form", (), lambda: _fields(form))
    return render(request, "bookings/inquiries/thread.html", context)


def _fields(form: MessageForm) -> str:
    return render_to_string("bookings/inquiries/_message_fields.html", {"form": form})


def _seen(seat: Seat, last: int) -> None:
    if seat.inquiry.unread(seat.side):
        threads.mark_read(seat.inquiry, seat.side, last)


@require_safe
@members()
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """What came after the entry that the page has shown last."""
    seat = thread_page.take(request, pk)
    after = row_number(request.GET.get("after", "")) or 0
    found = list(thread_page.rows(seat.inquiry).filter(pk__gt=after).order_by("pk")[:NEWS])[::-1]
    if not found:
        return HttpResponse(status=204)
    shown = thread_page.entries(found, seat)
    if request.method == "GET":
        _seen(seat, found[0].pk)
        telling.seen(request.user, seat.inquiry.get_absolute_url())
    context = thread_page.context(request, seat, entries=shown, last=found[0].pk, live=True)
    return render(request, "bookings/inquiries/_news.html", context)


@page_or_form
@members(*OFFER_FIELDS)
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    seat = thread_page.take(request, pk)
    trip = seat.inquiry.trip
    first = {"people": trip.people if trip else 1, "currency": seat.inquiry.expert.currency}
    form = _offer_form(request, seat, first | _service_answers(request, seat))
    return _offered(
        request,
        seat,
        form,
        lambda new: offers.make(offer=new, by=_user(request), note=form.cleaned_data["note"]),
    )


@page_or_form
@members(*OFFER_FIELDS)
def counter(request: HttpRequest, pk: int) -> HttpResponse:
    old, seat = _offer_for(request, pk, mine=False)
    form = _offer_form(request, seat, answers_of(old) | {"title": thread_page.title_of(old, seat)})

    def act(new: Offer) -> Offer:
        return offers.counter(offer=old, new=new, by=_user(request), note=form.cleaned_data["note"])

    return _offered(request, seat, form, act, answered=_terms(old, seat))


def _offer_form(request: HttpRequest, seat: Seat, initial: dict[str, Any]) -> OfferForm:
    expert, trip = seat.inquiry.expert, seat.inquiry.trip
    return OfferForm(
        request.POST or None,
        initial=initial | drafts.of(request),
        services=Service.objects.filter(expert=expert, is_active=True).order_by("title"),
        zone=expert.time_zone,
        currencies=[expert.currency, *([trip.currency] if trip else [])],
    )


def _service_answers(request: HttpRequest, seat: Seat) -> dict[str, Any]:
    pk = row_number(request.GET.get("service", ""))
    found = pk and Service.objects.filter(expert=seat.inquiry.expert, is_active=True, pk=pk).first()
    return {"service": found.pk, "price": found.price, "currency": found.currency} if found else {}


def _offered(
    request: HttpRequest, seat: Seat, form: OfferForm, act: Callable[[Offer], Offer], **more: Any
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and form.was_seen:
        try:
            act(form.offer(seat.inquiry, key_of(request.POST.get("key", ""))))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            drafts.drop(request)
            return redirect(f"{seat.inquiry.get_absolute_url()}#end")
    context = thread_page.context(request, seat, form=form, key=uuid4(), **more)
    return render(request, "bookings/inquiries/offer_form.html", context)


def _offer_for(request: HttpRequest, pk: int, *, mine: bool) -> tuple[Offer, Seat]:
    """An offer in a thread of the user's, made by their own side or by the other."""
    user = _user(request)
    found = Offer.objects.filter(pk=pk, inquiry__in=Inquiry.objects.of(user)).select_related("service")
    offer = get_object_or_404(found)
    seat = thread_page.take(request, offer.inquiry_id)
    if (offer.side == seat.side) != mine:
        raise Http404
    return offer, seat


def _terms(offer: Offer, seat: Seat) -> Terms:
    return thread_page.terms(offer, seat, thread_page.gone([offer], seat))


@page_or_form
@members()
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    offer, seat = _offer_for(request, pk, mine=False)
    return _decided(
        request, offer, seat, offers.accept, Offer.State.ACCEPTED, _("You have accepted the offer.")
    )


@page_or_form
@members()
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    offer, seat = _offer_for(request, pk, mine=True)
    return _decided(
        request, offer, seat, offers.withdraw, Offer.State.WITHDRAWN, _("You have withdrawn the offer.")
    )


def _decided(
    request: HttpRequest, offer: Offer, seat: Seat, act: Callable[..., Offer], to: str, done: str
) -> HttpResponse:
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            act(offer=offer, by=_user(request))
        except DomainError as error:
            form.add_error(None, str(error))
            offer.refresh_from_db()
        else:
            messages.success(request, done)
            return redirect(f"{seat.inquiry.get_absolute_url()}#end")
    context = thread_page.context(request, seat, form=form, terms=_terms(offer, seat), to=to)
    return render(request, "bookings/inquiries/decide.html", context)


@page_or_form
@members()
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Blocks, or unblocks where the user has blocked before: the button says which."""
    seat = thread_page.take(request, pk)
    if request.method == "POST":
        act = threads.unblock if request.POST.get("act") == "unblock" else threads.block
        act(inquiry=seat.inquiry, by=_user(request))
        return redirect(seat.inquiry)
    return render(
        request, "bookings/inquiries/block.html", thread_page.context(request, seat, form=ConfirmForm())
    )


@page_or_form
@members("reason", "text")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    seat = thread_page.take(request, pk)
    form = ReportForm(request.POST or None, initial=drafts.of(request))
    message = _reported(request, seat)
    if request.method == "POST" and form.is_valid():
        threads.report(inquiry=seat.inquiry, message=message, by=_user(request), **form.cleaned_data)
        drafts.drop(request)
        messages.success(request, _("Thank you. Our staff will read this, and nobody else does."))
        return redirect(seat.inquiry)
    shown = thread_page.entries([message] if message else [], seat, plain=True)
    context = thread_page.context(request, seat, form=form, entries=shown, message=message)
    return render(request, "bookings/inquiries/report.html", context)


def _reported(request: HttpRequest, seat: Seat) -> Message | None:
    """The one message that is meant, of the other side; None stands for the whole thread."""
    pk = row_number(request.GET.get("message", ""))
    return thread_page.rows(seat.inquiry).filter(pk=pk, side=seat.side.other).first() if pk else None


@require_safe
@members()
def attachment(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    found = Attachment.objects.filter(message__inquiry__in=Inquiry.objects.of(_user(request)))
    file = get_object_or_404(found.select_related("message"), pk=pk)
    seat = thread_page.take(request, file.message.inquiry_id)
    try:
        return attachments.answer(file, shown.file_name(file.name, acquainted=seat.acquainted))
    except FileNotFoundError:
        raise Http404 from None
