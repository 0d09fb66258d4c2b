"""What came of a list: that its traveler saw it, and whose profile was opened from it."""

from collections.abc import Iterable

from django.db.models import Case, F, OuterRef, Subquery, When
from django.http import HttpRequest
from django.utils import timezone

from matching.models import Exposure, MatchRun
from travelers.models import Trip


def is_look(request: HttpRequest) -> bool:
    """Whether a person looks: a browser that fetches ahead may never show it, and a HEAD shows nothing."""
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose", "")
    return request.method == "GET" and "prefetch" not in purpose.lower()


def unseen(score: str) -> Subquery:
    """The exposure of a score in the list as it stands now, after the review if there was one; NULL once seen."""
    latest = Exposure.objects.filter(score=OuterRef(score)).order_by("-reviewed")
    return Subquery(latest.values(unseen=Case(When(seen_at=None, then=F("pk"))))[:1])


def see(request: HttpRequest, exposures: Iterable[int | None]) -> None:
    """Note when each was seen first. Asks the database only where there is something to note."""
    new = [pk for pk in exposures if pk is not None]
    if new and is_look(request):
        Exposure.objects.filter(pk__in=new, seen_at=None).update(seen_at=timezone.now())


def note_opened(*, request: HttpRequest, expert: int, trip: int) -> None:
    """Note when a shown expert's profile was opened first, on the list that the traveler saw last."""
    if not is_look(request):
        return
    trips = Trip.objects.visible_to(request).filter(pk=trip)
    shown = Exposure.objects.filter(run__in=MatchRun.objects.current().filter(trip__in=trips))
    last = shown.filter(score__expert=expert).order_by(F("seen_at").desc(nulls_last=True), "-reviewed")
    Exposure.objects.filter(pk__in=last.values("pk")[:1], opened_at=None).update(opened_at=timezone.now())
