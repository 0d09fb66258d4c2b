"""Pages of bookings. Only the two people of a booking find it."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import drafts
from accounts.compiled import CompiledQuery, Parameter
from accounts.errors import DomainError
from accounts.models import User
from accounts.pagination import NewestFirst
from accounts.params import row_number
from bookings import (
    alternatives,
    amounts,
    availability,
    booking,
    dispute_views,
    disputes,
    history,
    ledger,
    moves,
    people,
    periods,
    rescheduling,
    slots,
    threads,
    worded,
)
from bookings import cancellation as terms
from bookings.booking_forms import AgreeForm, MoveForm, ProposalForm, SlotForm, new_key
from bookings.idempotency import InFlight, KeyReused
from bookings.members import members
from bookings.models import Booking, Dispute
from bookings.moves import Side
from bookings.periods import Slot
from bookings.slots import NotFree, SlotTaken, Wish
from experts.calendar.reasons import seats_left
from experts.models import PUBLIC_EXPERT, Expert, Service
from travelers.models import Trip

DEPARTURES = 6  # shown beside the form
# What a link to the form may answer beforehand.
ANSWERED = ["trip", "people", "day", "time"]
CONFLICT = (SlotTaken, KeyReused, InFlight)


def _status(error: DomainError) -> int:
    return 409 if isinstance(error, CONFLICT) else 422


def _acting(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user


def _listed(person: str) -> QuerySet[Booking]:
    rows = Booking.objects.filter(**{person: Parameter("user")})
    return rows.select_related("traveler", "expert__user").only(*LISTED)


# What the list reads of each.
LISTED = ["title", "state", "missing", "period", "time_zone", "price", "currency"]
LISTED += ["traveler__name", "expert__user__name"]
OF_TRAVELER = NewestFirst(lambda: _listed("traveler"))
OF_EXPERT = NewestFirst(lambda: _listed("expert__user"))


@require_safe
@login_required
def booking_list(request: HttpRequest) -> HttpResponse:
    """One's own as a traveler, or with ?as=expert those that travelers have made."""
    user, as_expert = _acting(request), request.GET.get("as") == "expert"
    page = (OF_EXPERT if as_expert else OF_TRAVELER).page(request, user=user.pk)
    rows = [(one, worded.when(one.period, one.time_zone)) for one in page.items]
    context = {
        "rows": rows,
        "as_expert": as_expert,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
    }
    return render(request, "bookings/booking_list.html", context)


@require_safe
def offered(request: HttpRequest, slug: str) -> HttpResponse:
    """What can be booked with an expert, for the trip one comes from, or at the time one could not have elsewhere."""
    expert = PUBLIC_EXPERT.one_or_404(slug=slug)
    context = {
        "expert": expert,
        "services": SERVICES.objects(expert=expert.pk),
        "trip": _trip(request),
        "query": urlencode({name: request.GET[name] for name in ANSWERED if name in request.GET}),
    }
    return render(request, "bookings/offered.html", context)


def _trip(request: HttpRequest) -> Trip | None:
    """That the visitor says to come from."""
    number = row_number(request.GET.get("trip", ""))
    return Trip.objects.visible_to(request).filter(pk=number).first() if number else None


@require_http_methods(["GET", "HEAD", "POST"])
@members(*ANSWERED)
def book(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """First when and with how many (GET), then what it costs and promises, and the button (POST)."""
    service = _service(slug, pk)
    if not service.expert.is_open_to_inquiries:
        return render(request, "experts/inquiry_closed.html", {"expert": service.expert})
    trips = TRIPS.objects(traveler=request.user.pk, market=service.expert.market_id)
    if request.method == "POST":
        return _book(request, service, AgreeForm(request.POST, service=service, trips=trips))
    # A link to days alone leaves it open when on that day.
    asked = "day" in request.GET and (bool(service.duration_days) or "time" in request.GET)
    form = SlotForm(
        request.GET if asked else None, service=service, trips=trips, initial=_first_answers(request, service)
    )
    context = _preview(request, service, form) if asked and form.is_valid() else {}
    groups = _departures(request, service)
    return render(
        request, "bookings/book.html", {"service": service, "form": form, "departures": groups} | context
    )


def _departures(request: HttpRequest, service: Service) -> list[dict[str, Any]]:
    """The next ones of a shared service, each with its seats, and a link where there are any."""
    if not service.shared:
        return []
    return [
        _choice(request, Slot(one.period.lower, one.period.upper, service.expert.time_zone), 1)
        | {"seats": seats_left(one.seats_left) if one.seats_left else ""}
        for one in slots.departures(service)[:DEPARTURES]
    ]


def _service(slug: str, pk: int) -> Service:
    return OFFERED.one_or_404(service=pk, slug=slug)


def _offered() -> QuerySet[Service]:
    public = Service.objects.filter(is_active=True, expert__in=Expert.objects.public())
    asked = public.filter(pk=Parameter("service"), expert__slug=Parameter("slug"))
    return asked.select_related("expert__user", "expert__market")


OFFERED: CompiledQuery[Service] = CompiledQuery(_offered)
SERVICES: CompiledQuery[Service] = CompiledQuery(
    lambda: Service.objects.filter(expert=Parameter("expert"), is_active=True).order_by("price", "pk")
)
TRIPS: CompiledQuery[Trip] = CompiledQuery(
    lambda: (
        Trip.objects.filter(traveler=Parameter("traveler"), destination=Parameter("market"))
        .with_names()
        .order_by("-pk")
    )
)


def _first_answers(request: HttpRequest, service: Service) -> dict[str, Any]:
    """Of the trip, and before it what was chosen when the session had ended, and before all what the address says."""
    said = drafts.of(request) | {name: request.GET[name] for name in ("people", "day") if name in request.GET}
    trip = _trip(request)
    if trip is None:
        return said
    people = min(trip.people, service.group_size_max)
    if trip.destination_id != service.expert.market_id:
        return {"people": people, **said}
    return {"trip": trip.pk, "people": people, **({"day": trip.start} if trip.start else {}), **said}


def _preview(request: HttpRequest, service: Service, form: SlotForm) -> dict[str, Any]:
    """What would be agreed; or why not, with other slots."""
    answers = form.cleaned_data
    try:
        wanted = _slot(service, answers)
        people.check(_acting(request), service.expert)
        _refuse(service, wanted, answers["people"])
        people.check_new(_acting(request), service.expert)
    except DomainError as error:
        form.add_error(None, _on_look(request, error))
        return {"choices": _choices(request, error)}
    price = amounts.amount_for(service, answers["people"])
    agreed = {
        "key": new_key(),
        "price": f"{price:.2f}",
        "currency": service.currency,
        "policy": service.cancellation_policy,
        "instant": "on" if service.instant else "",
    }
    plain = {"people": answers["people"], "trip": answers["trip"].pk if answers["trip"] else ""}
    days = {"day": answers["day"].isoformat()}
    times = {"time": f"{answers['time']:%H:%M}"} if "time" in answers else {}
    return _promise(request, service, wanted, price) | {"hidden": days | times | plain | agreed}


def _promise(request: HttpRequest, service: Service, wanted: Slot, price: Decimal) -> dict[str, Any]:
    zone = _acting(request).time_zone
    return {
        "when": worded.when(wanted.period, wanted.time_zone),
        "when_for_reader": worded.when_elsewhere(wanted.period, wanted.time_zone, zone),
        "price": price,
        "terms": worded.terms_of(
            terms.snapshot(service.cancellation_policy),
            start=wanted.start,
            price=price,
            currency=service.currency,
            zone=zone,
        ),
    }


def _slot(service: Service, answers: dict[str, Any]) -> Slot:
    return periods.of_service(service, answers["day"], answers.get("time"), service.expert.time_zone)


def _refuse(service: Service, wanted: Slot, people: int) -> None:
    """As the booking itself will, so that nobody is shown a button that cannot work."""
    if people > service.group_size_max:
        raise DomainError(_("This is for groups of up to %(count)s.") % {"count": service.group_size_max})
    wish = Wish(service.expert, service, wanted, people)
    if reason := availability.closed(service.expert, service, wanted.start, wanted.end):
        raise NotFree(wish, reason)
    slots.check(wish)


def _on_look(request: HttpRequest, error: DomainError) -> str:
    """Nobody was faster than somebody who only looks."""
    if not (isinstance(error, SlotTaken) and error.whole):
        return str(error)
    own = (one.booking_id for one in error.among if one.traveler_id == _acting(request).pk)
    if mine := next(own, None):
        said = _('You have <a href="{url}">booked this time</a> yourself.')
        return format_html(said, url=reverse("bookings:detail", args=[mine]))
    return _("This time is taken.")


def _choices(request: HttpRequest, error: Exception) -> list[dict[str, Any]]:
    """Links to the next free slots."""
    if not isinstance(error, NotFree):
        return []
    return [_choice(request, one, error.wish.people) for one in error.next_free]


def _choice(request: HttpRequest, free: Slot, people: int) -> dict[str, Any]:
    start = free.start.astimezone(ZoneInfo(free.time_zone))
    query: dict[str, Any] = {"day": start.date().isoformat(), "people": people}
    if not free.is_whole_days:
        query["time"] = f"{start:%H:%M}"
    query["trip"] = request.POST.get("trip", request.GET.get("trip", ""))
    said = worded.when(free.period, free.time_zone)
    return {"url": f"{request.path}?{urlencode(query)}", "when": said, "start": free.start, "end": free.end}


def _book(request: HttpRequest, service: Service, form: AgreeForm) -> HttpResponse:
    if not form.is_valid():
        return _answer(request, service, form, 422)
    answers = form.cleaned_data
    try:
        wanted = _slot(service, answers)
        made = booking.request(
            by=_acting(request),
            expert=service.expert,
            service=service,
            trip=answers["trip"],
            start=wanted.start,
            end=wanted.end,
            people=answers["people"],
            price=answers["price"],
            currency=answers["currency"],
            instant=answers["instant"],
            policy=answers["policy"],
            key=answers["key"],
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return _answer(request, service, form, _status(error), error)
    drafts.drop(request)
    if _wants_json(request):
        return JsonResponse({"id": made.pk, "state": made.state, "url": made.get_absolute_url()}, status=201)
    return redirect(made)


def _answer(
    request: HttpRequest, service: Service, form: AgreeForm, status: int, error: Exception | None = None
) -> HttpResponse:
    choices = _choices(request, error) if error else []
    if _wants_json(request):
        free = [{"start": one["start"], "end": one["end"]} for one in choices]
        return JsonResponse({"errors": form.errors, "next_free": free}, status=status)
    context = {"service": service, "form": form, "choices": choices}
    return render(request, "bookings/book.html", context, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _find(request: HttpRequest, pk: int) -> Booking:
    return VISIBLE.one_or_404(user=_acting(request).pk, pk=pk)


def _visible() -> QuerySet[Booking]:
    rows = (
        Booking.objects.visible_to(Parameter("user"))
        .with_people()
        .with_acquaintance()
        .filter(pk=Parameter("pk"))
    )
    return rows.select_related("trip__destination", "review", "traveler_review")


VISIBLE = CompiledQuery(_visible)


@require_safe
@login_required
@never_cache
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    booked = _find(request, pk)
    unsent = drafts.at(request, reverse("bookings:move", args=[pk]))
    context = _detail(request, booked) | {"typed": unsent.get("reason", "")}
    return render(request, "bookings/detail.html", context)


def _detail(request: HttpRequest, booked: Booking) -> dict[str, Any]:
    user, now = _acting(request), timezone.now()
    side = moves.side_of(booked, user)
    zone, filed = user.time_zone, disputes.of(booked)
    return {
        "booking": booked,
        "is_expert": side == Side.EXPERT,
        "when": worded.when(booked.period, booked.time_zone),
        "when_for_reader": worded.when_elsewhere(booked.period, booked.time_zone, zone),
        "expires": worded.moment(booked.expires_at, zone) if booked.expires_at else "",
        "terms": worded.terms(booked, zone),
        "actions": worded.actions(booked, side, zone, now, disputed=any(one.is_open for one in filed)),
        **_earned(booked),
        "history": history.of(booked, zone),
        "disputes": dispute_views.listed(filed, booked, user),
        "may_dispute": not disputes.closed_because(booked, disputes.side_of(booked, user), filed),
        **(_instead(booked, filed) if side == Side.TRAVELER else {}),
        **_proposals(booked, user, zone, drafts.at(request, reverse("bookings:propose", args=[booked.pk]))),
        "is_suspended": booked.is_occupying and booked.expert.status == Expert.Status.SUSPENDED,
    }


def _earned(booked: Booking) -> dict[str, Any]:
    """Of what never came about nothing is."""
    ended = {Booking.State.DECLINED, Booking.State.EXPIRED, Booking.State.CANCELLED}
    if booked.state in ended and booked.refund is None:
        return {}
    commission, share = ledger.kept(booked)
    return {"commission": commission, "share": share}


def _instead(booked: Booking, filed: list[Dispute]) -> dict[str, Any]:
    """Others to book for the same time, with links that know it; and where to look for more."""
    if not alternatives.let_down(booked, filed):
        return {}
    market = booked.expert.market
    query: dict[str, Any] = {"destination": market.name, "destination_id": market.pk}
    if left := alternatives.left(booked):
        query |= dict(zip(("start", "end"), left.days, strict=True))
    again = booked.service and booked.state == Booking.State.EXPIRED
    return {
        "again_url": _same_time(booked, booked.expert) if again else "",
        "alternatives": [(one, _same_time(booked, one.expert)) for one in alternatives.of(booked)],
        "more_url": f"{reverse('experts:browse')}?{urlencode(query)}",
    }


def _same_time(booked: Booking, expert: Expert) -> str:
    planned = alternatives.left(booked) or rescheduling.planned(booked)
    start = planned.start.astimezone(ZoneInfo(expert.time_zone))
    query: dict[str, Any] = {
        "trip": booked.trip_id or "",
        "people": booked.people,
        "day": start.date().isoformat(),
    }
    if not planned.is_whole_days:
        query["time"] = f"{start:%H:%M}"
    return f"{reverse('bookings:offered', args=[expert.slug])}?{urlencode(query)}"


def _proposals(booked: Booking, user: User, zone: str, unsent: dict[str, str]) -> dict[str, Any]:
    """The open one, and the form for another where none is, with what waits to be sent in it."""
    if booked.state != Booking.State.CONFIRMED or booked.period.lower <= timezone.now():
        return {}
    waiting = rescheduling.waiting(booked)
    can_agree = not people.refusal(booked.traveler, booked.expert)
    if waiting is None:
        return {"proposal_form": _proposal_form(booked, unsent=unsent)} if can_agree else {}
    return {
        "proposal": waiting,
        "can_accept": can_agree,
        "proposed_by_reader": waiting.by_id == user.pk,
        "proposal_when": worded.when(waiting.period, booked.time_zone),
        "proposal_for_reader": worded.when_elsewhere(waiting.period, booked.time_zone, zone),
        "proposal_until": worded.moment(waiting.expires_at, zone),
    }


def _proposal_form(
    booked: Booking, answers: Any = None, unsent: dict[str, str] | None = None
) -> ProposalForm:
    start = booked.period.lower.astimezone(ZoneInfo(booked.time_zone))
    first = {"day": start.date(), "time": start.time()} | (unsent or {}) | {"key": new_key()}
    whole = rescheduling.planned(booked).is_whole_days
    return ProposalForm(answers, initial=first, whole_days=whole, zone=booked.time_zone)


@require_POST
@members("reason", page="bookings:detail")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    booked, form = _find(request, pk), MoveForm(request.POST)
    if not form.is_valid() or form.cleaned_data["to"] not in Booking.State.values:
        return _refused(request, booked, _("The request could not be read. Load the page again."))
    answers = form.cleaned_data
    try:
        booking.move(
            booked,
            answers["to"],
            by=_acting(request),
            reason=answers["reason"],
            seen_refund=answers["refund"],
        )
    except DomainError as error:
        return _refused(request, booked, str(error), reason=answers["reason"])
    drafts.drop(request)
    messages.success(request, _("Done. The other side is told."))
    return redirect(booked)


@require_POST
@members(page="bookings:detail")
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """To the conversation of the two, which may begin with this."""
    return redirect(f"{threads.of_booking(_find(request, pk)).get_absolute_url()}#end")


@require_POST
@members("day", "time", "reason", page="bookings:detail")
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    booked = _find(request, pk)
    form = _proposal_form(booked, request.POST)
    if not form.is_valid():
        return render(
            request, "bookings/detail.html", _detail(request, booked) | {"proposal_form": form}, status=422
        )
    answers = form.cleaned_data
    try:
        wanted = periods.moved(rescheduling.planned(booked), answers["day"], answers.get("time"))
        rescheduling.propose(
            booking=booked, by=_acting(request), slot=wanted, key=answers["key"], reason=answers["reason"]
        )
    except DomainError as error:
        form.add_error(None, str(error))
        found = error.next_free if isinstance(error, NotFree) else []
        free = [worded.when(one.period, one.time_zone) for one in found]
        context = _detail(request, booked) | {"proposal_form": form, "next_free": free}
        return render(request, "bookings/detail.html", context, status=_status(error))
    drafts.drop(request)
    messages.success(request, _("Proposed. The booking stays as it is until the other side accepts."))
    return redirect(booked)


ANSWERS = {
    "accept": rescheduling.accept,
    "decline": rescheduling.decline,
    "withdraw": rescheduling.withdraw,
}


@require_POST
@members(page="bookings:detail")
def answer(request: HttpRequest, pk: int, proposal: int) -> HttpResponse:
    """What becomes of a proposal: ANSWERS names what can be said to it."""
    booked = _find(request, pk)
    found = get_object_or_404(booked.proposals.select_related("booking__expert"), pk=proposal)
    act = ANSWERS.get(request.POST.get("answer", ""))
    if act is None:
        return _refused(request, booked, _("The request could not be read. Load the page again."))
    try:
        act(proposal=found, by=_acting(request))
    except DomainError as error:
        return _refused(request, booked, str(error))
    messages.success(request, _("Done. The other side is told."))
    return redirect(booked)


def _refused(request: HttpRequest, booked: Booking, why: str, reason: str = "") -> HttpResponse:
    """The page as things are now, with what was said against it and what was typed."""
    context = _detail(request, _find(request, booked.pk)) | {"refused": why, "typed": reason}
    return render(request, "bookings/detail.html", context, status=409)
