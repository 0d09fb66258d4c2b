from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import Avg, Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import drafts
from accounts.compiled import Parameter
from accounts.errors import DomainError
from accounts.models import User
from accounts.pagination import NewestFirst
from bookings import reviewing
from bookings.members import members
from bookings.models import Booking, Review, TravelerReview, Written
from bookings.models.reviews import WrittenQuerySet
from bookings.review_forms import FORMS, ReplyForm, WrittenForm

State = Written.State
# What was typed when the session had ended waits here for the sign-in.
UNSENT = "unsent_review"
LONGEST_ANSWER = 5_000
REVIEWS_A_PAGE = 12


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What both sides of a booking said, as far as this one may read it, and the form to say it."""
    if not isinstance(request.user, User):
        return _sign_in_first(request, pk)
    booking = _booking(request.user, pk)
    side = reviewing.side_of(booking, request.user)
    mine, theirs = _of(booking, side), _of(booking, reviewing.other_side(side))
    form = FORMS[side](request.POST or None, instance=mine, initial=_unsent(request, pk))
    if request.method == "POST" and form.is_valid():
        try:
            written = reviewing.write(booking=booking, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _thanks(written, booking))
            return redirect("bookings:review", pk)
    return render(request, "bookings/review.html", _about(booking, side, mine, theirs) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@members("reply")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    assert isinstance(request.user, User)
    booking = _booking(request.user, pk)
    theirs = _of(booking, reviewing.other_side(reviewing.side_of(booking, request.user)))
    if theirs is None or theirs.state != State.PUBLISHED:
        raise Http404
    form = ReplyForm(request.POST or None, initial=drafts.of(request))
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.reply(review=theirs, by=request.user, text=form.cleaned_data["reply"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            drafts.drop(request)
            messages.success(request, _("Your reply is published."))
            return redirect("bookings:review", pk)
    return render(request, "bookings/reply.html", {"booking": booking, "review": theirs, "form": form})


@require_safe
@login_required
@never_cache
def about_me(request: HttpRequest, as_traveler: bool = False) -> HttpResponse:
    """The published reviews about this account: as an expert, for whoever is one, or as a traveler."""
    assert isinstance(request.user, User)
    side = "expert" if getattr(request.user, "is_expert", False) and not as_traveler else "traveler"
    return _list(request, side, request.user)


@require_safe
@login_required
@never_cache
def guest(request: HttpRequest, pk: int) -> HttpResponse:
    """What experts said about the traveler of a booking, for the expert who is booked."""
    assert isinstance(request.user, User)
    bookings = Booking.objects.filter(expert__user=request.user).select_related("traveler")
    booking = get_object_or_404(bookings, pk=pk)
    return _list(request, "guest", booking.traveler, person=booking.traveler, booking=booking)


def _about_traveler(person: User | Parameter) -> WrittenQuerySet:
    return TravelerReview.objects.published().filter(traveler=person)


def _about_expert(person: User | Parameter) -> WrittenQuerySet:
    return Review.objects.published().filter(expert__user=person)


PUBLISHED = {"traveler": _about_traveler, "expert": _about_expert, "guest": _about_traveler}


def _pages(published: Callable[[Parameter], WrittenQuerySet]) -> NewestFirst[Written]:
    return NewestFirst(lambda: published(Parameter("person")).with_people(), size=REVIEWS_A_PAGE)


PAGES = {about: _pages(published) for about, published in PUBLISHED.items()}


def _list(request: HttpRequest, about: str, whom: User, **more: Any) -> HttpResponse:
    page = PAGES[about].page(request, person=whom.pk)
    context = {
        "about": about,
        "reviews": page.items,
        "newer_url": page.newer_url,
        "older_url": page.older_url,
        **PUBLISHED[about](whom).aggregate(mean=Avg("rating"), count=Count("pk")),
    }
    return render(request, "bookings/reviews.html", context | more)


def _booking(user: User, pk: int) -> Booking:
    bookings = reviewing.of_participant(user).select_related(
        "traveler", "expert__user", "expert__market", "review", "traveler_review"
    )
    return get_object_or_404(bookings, pk=pk)


def _of(booking: Booking, side: type[Written]) -> Written | None:
    found: Written | None = getattr(booking, "review" if side is Review else "traveler_review", None)
    return found


def _about(
    booking: Booking, side: type[Written], mine: Written | None, theirs: Written | None
) -> dict[str, Any]:
    """What stands beside the form. Of the other side's review nothing is told before it is published."""
    until = None if mine else reviewing.open_until(booking)
    return {
        "booking": booking,
        "other": booking.expert.user if side is Review else booking.traveler,
        "of_expert": side is Review,
        "mine": mine,
        "theirs": theirs if theirs and theirs.state == State.PUBLISHED else None,
        "until": until,
        "publishes_at_once": theirs is not None and theirs.state != State.WAITING,
        "may_write": mine.state == State.WAITING if mine else until is not None and timezone.now() < until,
    }


def _thanks(written: Written, booking: Booking) -> str:
    if written.state == State.PUBLISHED:
        return _("Thank you. Your review is published.")
    return _("Thank you. Your review is published together with the other one, or in 7 days.")


def _sign_in_first(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        names = WrittenForm.base_fields | FORMS[Review].base_fields
        answers = {name: request.POST[name][:LONGEST_ANSWER] for name in names if name in request.POST}
        request.session[UNSENT] = {"booking": pk, "answers": answers}
    return redirect_to_login(request.get_full_path())


def _unsent(request: HttpRequest, pk: int) -> dict[str, str]:
    unsent = request.session.get(UNSENT, {})
    if unsent.get("booking") != pk:
        return {}
    if request.method == "POST":
        del request.session[UNSENT]
    answers: dict[str, str] = unsent["answers"]
    return answers
