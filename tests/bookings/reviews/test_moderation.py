"""Staff hide and show with a reason; what is hidden counts, is found and is quoted nowhere."""

from itertools import product

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from bookings import reviewing
from bookings.models import Review, Written
from experts import search
from matching import replay, runs, services
from matching.models import MatchReceipt
from tests.bookings.test_reviews import counted, stored
from tests.factories import make_expert, make_market, make_review, make_traveler_review, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State = Written.State


def staff(role):
    user = make_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def reviewer():
    return staff("Reviewer")


@pytest.fixture
def expert():
    return make_expert(make_market("Kyoto"), specialties={"street-food": 3})


def hide(review, by, reason="It names a child."):
    return reviewing.move(review=review, to=State.HIDDEN, by=by, reason=reason)


def show(review, by, reason="The name is gone."):
    return reviewing.move(review=review, to=State.PUBLISHED, by=by, reason=reason)


def test_a_hidden_review_counts_no_more_and_is_not_found(expert, reviewer):
    make_review(expert, rating=5)
    review = make_review(expert, rating=1, text="Terrible kayaking.")
    hide(review, reviewer)
    assert stored(expert) == counted(expert)
    assert (stored(expert)["review_count"], stored(expert)["rating_sum"]) == (1, 5)
    assert search.quotes([expert.pk], ["kayak"]) == {}


def test_shown_again_it_counts_from_when_it_was_first_published(expert, reviewer):
    review = make_review(expert)
    hide(review, reviewer)
    show(review, reviewer)
    assert stored(expert)["review_count"] == 1
    assert Review.objects.get().published_at == review.published_at


def test_each_move_is_noted_with_its_reason_and_the_author_is_told(expert, reviewer):
    review = make_review(expert)
    hide(review, reviewer)
    show(review, reviewer)
    noted = audit.history(review).order_by("id").values_list("action", "actor", "detail__reason")
    assert list(noted) == [
        ("review.hide", reviewer.pk, "It names a child."),
        ("review.show", reviewer.pk, "The name is gone."),
    ]
    run_jobs()
    assert [one.to for one in mail.outbox] == [[review.author.email]] * 2
    assert "It names a child." in mail.outbox[0].body


@pytest.mark.parametrize("make", [make_review, make_traveler_review])
@pytest.mark.parametrize("role", ["Operator", "Analyst"])
def test_other_roles_decide_nothing(expert, make, role):
    review = make(expert)
    with pytest.raises(PermissionDenied):
        hide(review, staff(role))
    review.refresh_from_db()
    assert review.state == State.PUBLISHED


def test_nobody_decides_about_a_review_they_are_part_of(expert, reviewer):
    own = make_review(expert, reviewer)
    about = make_traveler_review(expert, reviewer)
    for review in (own, about):
        with pytest.raises(PermissionDenied):
            hide(review, reviewer)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_it_takes_a_reason(expert, reviewer, reason):
    review = make_review(expert)
    with pytest.raises(DomainError, match="Say why"):
        hide(review, reviewer, reason)
    assert Review.objects.get().state == State.PUBLISHED


LEGAL = {(State.PUBLISHED, State.HIDDEN), (State.HIDDEN, State.PUBLISHED)}


@pytest.mark.parametrize(("start", "to"), list(product(State, State)))
def test_staff_make_the_two_moves_that_are_theirs(expert, reviewer, start, to):
    published = {} if start != State.WAITING else {"published_at": None}
    review = make_review(expert, state=start, **published)
    if (start, to) in LEGAL:
        assert reviewing.move(review=review, to=to, by=reviewer, reason="Because.").state == to
        return
    with pytest.raises(IllegalMove):
        reviewing.move(review=review, to=to, by=reviewer, reason="Because.")
    assert Review.objects.get().state == start


@pytest.mark.parametrize("start", [State.PUBLISHED, State.HIDDEN])
def test_time_undoes_nothing_that_staff_did(expert, start):
    review = make_review(expert, state=start)
    for to in State:
        with pytest.raises(IllegalMove):
            reviewing.move(review=review, to=to, by=None)


def matched(expert):
    trip = make_trip(expert.market, traveler=make_user(), brief="Kayaking at dusk", interests=["street-food"])
    run = services.request_match(trip)
    runs.store(run, runs.compute(run))
    return run


def test_lists_made_before_quote_it_no_more_and_replay(expert, reviewer):
    review = make_review(expert, text="Unforgettable kayaking at dusk.")
    run = matched(expert)
    receipt = MatchReceipt.objects.get()
    assert receipt.evidence["expertise"]["quote"]["source"] == review.pk
    hide(review, reviewer)
    receipt.refresh_from_db()
    assert receipt.evidence["expertise"]["quote"] is None
    assert replay.replay(run).differences == []


def test_a_quote_of_another_review_stays(expert, reviewer):
    make_review(expert, text="Unforgettable kayaking at dusk.")
    matched(expert)
    hide(make_review(expert, text="Nothing to say."), reviewer)
    assert "kayaking" in MatchReceipt.objects.get().evidence["expertise"]["quote"]["text"]


# The admin


def test_the_buttons_ask_for_a_reason_and_move(client, expert, reviewer):
    client.force_login(reviewer)
    review = make_review(expert, text="Terrible kayaking.")
    url = f"/admin/bookings/review/{review.pk}/hide/"
    assert "Terrible kayaking." in client.get(url).content.decode()
    client.post(url, {"reason": ""})
    assert Review.objects.get().state == State.PUBLISHED
    client.post(url, {"reason": "It names a child."})
    assert Review.objects.get().state == State.HIDDEN
    assert "does not lead on" in client.get(url).content.decode()


def test_only_the_button_that_leads_on_is_there(client, expert, reviewer):
    client.force_login(reviewer)
    review = make_review(expert)
    page = client.get(f"/admin/bookings/review/{review.pk}/change/").content.decode()
    assert (f"{review.pk}/hide/" in page, f"{review.pk}/show/" in page) == (True, False)
    waiting = make_review(expert, state="waiting", published_at=None)
    page = client.get(f"/admin/bookings/review/{waiting.pk}/change/").content.decode()
    assert (f"{waiting.pk}/hide/" in page, f"{waiting.pk}/show/" in page) == (False, False)
