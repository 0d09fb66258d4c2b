from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError
from accounts.models import User
from accounts.params import row_number
from bookings import services, waitlist
from bookings.forms import InquiryForm, WaitlistForm
from bookings.models import Block, Inquiry
from experts.models import PUBLIC_EXPERT, Expert, ExpertQuerySet
from markets.formats import day
from markets.models import Market
from travelers.models import Trip, TripQuerySet

# What was typed when the session had ended or the expert had paused waits here until it can be sent.
UNSENT = "unsent_inquiry"
LONGEST_ANSWER = 10_000


@require_http_methods(["GET", "HEAD", "POST"])
def inquire(request: HttpRequest, slug: str) -> HttpResponse:
    expert = get_object_or_404(_experts(request), slug=slug)
    if not expert.is_open_to_inquiries or getattr(expert, "blocked", False):
        return _closed(request, expert)
    if not request.user.is_authenticated:
        return _sign_in_first(request, expert)
    trips = Trip.objects.visible_to(request).with_names().order_by("-pk")
    form = InquiryForm(request.POST or None, initial=_first_answers(request, expert), trips=trips)
    if request.method == "POST" and form.is_valid() and (sent := _send(request, expert, form)):
        return redirect(sent)
    context = {"expert": expert, "form": form, "trip": _trip(request.GET.get("trip", ""), trips)}
    return render(request, "experts/inquiry_form.html", context)


def _experts(request: HttpRequest) -> ExpertQuerySet:
    """`blocked`: whether the two can't write to each other."""
    experts = Expert.objects.public().for_card()
    if not request.user.is_authenticated:
        return experts
    blocks = Block.objects.between(request.user, OuterRef("user"))
    return experts.annotate(blocked=Exists(blocks))


def _send(request: HttpRequest, expert: Expert, form: InquiryForm) -> str:
    """Where to go on; empty where the form says what is wrong: other words than the first would be lost."""
    assert isinstance(request.user, User)
    trip, message = form.cleaned_data["trip"], form.cleaned_data["message"]
    try:
        inquiry = services.send_inquiry(by=request.user, expert=expert, trip=trip, message=message)
    except DomainError as error:
        form.add_error(None, str(error))
        return ""
    opening = inquiry.messages.order_by("pk").first()
    if opening and opening.body != message:
        form.add_error("message", _already_written(inquiry))
        return ""
    query = f"?{urlencode({'trip': trip.pk})}" if trip else ""
    return reverse("bookings:inquiry_sent", args=[expert.slug]) + query


@require_safe
def inquiry_sent(request: HttpRequest, slug: str) -> HttpResponse:
    expert = PUBLIC_EXPERT.one_or_404(slug=slug)
    trip = _trip(request.GET.get("trip", ""), Trip.objects.visible_to(request))
    return render(request, "experts/inquiry_sent.html", {"expert": expert, "trip": trip})


@require_http_methods(["GET", "HEAD", "POST"])
def join_waitlist(request: HttpRequest, pk: int) -> HttpResponse:
    market = get_object_or_404(Market, pk=pk)
    form = WaitlistForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "bookings/waitlist_form.html", {"market": market, "form": form})
    email, number = form.cleaned_data["email"], form.cleaned_data["trip"]
    trip = _trip(number, Trip.objects.visible_to(request).filter(destination=market))
    services.join_waitlist(market=market, email=email, trip=trip)
    return render(request, "bookings/waitlist_joined.html", {"market": market, "email": email})


# The signed address is the permission: mail programs post to it without a page or a cookie of ours (RFC 8058).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave_waitlist(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: programs that look through mail open each address in it."""
    number = waitlist.number(token)
    if number is None:
        raise Http404
    entry = waitlist.entry(number)
    if request.method == "POST":
        waitlist.leave(number)
    context = {"entry": entry, "left": request.method == "POST" or entry is None}
    return render(request, "bookings/waitlist_leave.html", context)


def _already_written(inquiry: Inquiry) -> str:
    return _(
        "You wrote to %(name)s about this on %(day)s. Your first message is with them: go on under “Messages”."
    ) % {
        "name": inquiry.expert.name,
        "day": day(inquiry.created_at),
    }


def _closed(request: HttpRequest, expert: Expert) -> HttpResponse:
    """Whoever was writing when the expert paused gets the words back, here and in the form should it open again."""
    _keep_unsent(request, expert)
    message = _unsent(request, expert).get("message", "")
    return render(request, "experts/inquiry_closed.html", {"expert": expert, "message": message})


def _sign_in_first(request: HttpRequest, expert: Expert) -> HttpResponse:
    _keep_unsent(request, expert)
    return redirect_to_login(request.get_full_path())


def _keep_unsent(request: HttpRequest, expert: Expert) -> None:
    if request.method == "POST":
        answers = {name: request.POST.get(name, "")[:LONGEST_ANSWER] for name in ("trip", "message")}
        request.session[UNSENT] = {"expert": expert.pk, "answers": answers}


def _unsent(request: HttpRequest, expert: Expert) -> dict[str, Any]:
    unsent: dict[str, Any] = request.session.get(UNSENT, {})
    return unsent["answers"] if unsent.get("expert") == expert.pk else {}


def _first_answers(request: HttpRequest, expert: Expert) -> dict[str, Any]:
    unsent = _unsent(request, expert)
    if unsent and request.method == "POST":
        del request.session[UNSENT]
    return {"trip": row_number(request.GET.get("trip", "")), **unsent}


def _trip(number: str, trips: TripQuerySet) -> Trip | None:
    pk = row_number(number)
    return trips.with_names().filter(pk=pk).first() if pk else None
