"""Offers inside a thread: who may make which move, and that each happens once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from bookings import offers, threads
from bookings.models import Message, Offer
from bookings.tasks import expire_offers
from experts.models import Expert
from jobs.models import Job
from tests.factories import make_expert, make_inquiry, make_market, make_offer, make_service, make_user
from tests.pages import signed_in
from tests.threads import at_once
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db

State = Offer.State


@pytest.fixture
def inquiry():
    return make_inquiry(make_expert(make_market("Kyoto"), name="Mei Tanaka"), make_user("Rosa Traveler"))


@pytest.fixture
def booked(monkeypatch):
    """What is called when an offer is accepted."""
    calls = []
    monkeypatch.setattr(offers, "accepted", [lambda offer, by, key: calls.append((offer.pk, by, key))])
    return calls


def answers(**changed):
    return {
        "title": "Temple walk",
        "people": "2",
        "price": "240.50",
        "currency": "USD",
        "start": f"{timezone.now().year + 1}-04-03T09:30",
        "end": f"{timezone.now().year + 1}-04-03T12:30",
        "open_days": "3",
        "note": "Shall we?",
        "key": str(uuid4()),
    } | changed


def offer_url(inquiry):
    return reverse("inquiries:offer", args=[inquiry.pk])


def press(client, name, offer, data=None):
    return client.post(reverse(f"inquiries:{name}", args=[offer.pk]), data or {})


def state(offer):
    return Offer.objects.get(pk=offer.pk).state


def late(offer):
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_an_offer_stands_in_the_thread_with_both_clocks(inquiry, mei, rosa):
    inquiry.traveler.time_zone = "America/New_York"
    inquiry.traveler.save()
    assert mei.post(offer_url(inquiry), answers()).status_code == 302
    offer = Offer.objects.get()
    assert (offer.side, offer.price, offer.time_zone) == ("expert", Decimal("240.50"), "Asia/Tokyo")
    assert offer.start.astimezone(UTC).strftime("%m-%d %H:%M") == "04-03 00:30"
    assert timedelta(days=2.9) < offer.expires_at - timezone.now() < timedelta(days=3.1)
    shown = signed_in(inquiry.traveler).get(inquiry.get_absolute_url()).content.decode()
    for part in ("9:30", "Tokyo time", "8:30", "New York time", "$240.50", "Shall we?"):
        assert part in shown


def test_an_offer_agrees_on_what_is_read(inquiry, mei):
    Expert.objects.update(currency="JPY")
    assert mei.post(offer_url(inquiry), answers(price="10.55", currency="JPY")).status_code == 302
    offer = Offer.objects.get()
    assert offer.price == 11
    assert "¥11" in mei.get(inquiry.get_absolute_url()).content.decode()
    refused = mei.post(offer_url(inquiry), answers(price="0.40", currency="JPY"))
    assert "Name a price above zero." in refused.content.decode()
    assert Offer.objects.count() == 1


def test_a_service_brings_its_title_and_its_length(inquiry, mei):
    service = make_service(inquiry.expert, title="Dawn walk", duration_hours=Decimal("2.5"))
    mei.post(offer_url(inquiry), answers(service=service.pk, title="", end=""))
    offer = Offer.objects.get()
    assert (offer.title, offer.end - offer.start) == ("Dawn walk", timedelta(hours=2.5))
    form = mei.get(offer_url(inquiry), {"service": service.pk}).context["form"]
    assert (form["service"].value(), form["price"].value()) == (service.pk, service.price)


def test_a_double_click_makes_one_offer(inquiry, mei):
    same = answers()
    for _ in range(2):
        assert mei.post(offer_url(inquiry), same).status_code == 302
    assert (Offer.objects.count(), Message.objects.filter(kind="offer").count()) == (1, 1)


@pytest.mark.parametrize("other", [{"price": "300"}, {"people": "3"}, {"note": "Or this?"}])
def test_another_offer_with_the_same_key_is_refused_and_not_lost(inquiry, mei, other):
    same = answers()
    mei.post(offer_url(inquiry), same)
    answer = mei.post(offer_url(inquiry), same | other)
    assert "sent before with other answers" in answer.content.decode()
    assert answer.context["form"].data["note"] == (same | other)["note"]
    assert Offer.objects.get().price == Decimal("240.50")


def test_a_counter_offer_with_the_same_key_and_other_words_is_refused(inquiry, mei):
    offer, same = make_offer(inquiry, side="traveler"), answers()
    assert press(mei, "counter", offer, same).status_code == 302
    assert press(mei, "counter", offer, same).status_code == 302
    assert "sent before" in press(mei, "counter", offer, same | {"price": "1"}).content.decode()


def test_what_nobody_could_book_is_not_offered(inquiry, mei):
    answer = mei.post(offer_url(inquiry), answers(end=f"{timezone.now().year + 3}-04-03T12:30"))
    assert "A booking can last a year at most." in answer.content.decode()
    assert not Offer.objects.exists()


def test_what_is_too_long_is_not_missing_as_well(inquiry, mei):
    form = mei.post(offer_url(inquiry), answers(title="x" * 201)).context["form"]
    assert len(form.errors["title"]) == 1


WRONG = [
    ({"title": ""}, "title"),
    ({"price": "0"}, "price"),
    ({"price": "NaN"}, "price"),
    ({"people": "0"}, "people"),
    ({"currency": "XXX"}, "currency"),
    ({"start": "2020-01-01T10:00"}, "start"),
    ({"start": "tomorrow"}, "start"),
    ({"start": "0001-01-01T00:00"}, "start"),
    ({"end": ""}, "end"),
    ({"end": "2021-01-01T10:00"}, "end"),
    ({"service": "999999"}, "service"),
    ({"open_days": "900"}, "open_days"),
    ({"note": "x" * 4001}, "note"),
]


@pytest.mark.parametrize(("changed", "field"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(inquiry, mei, changed, field):
    answer = mei.post(offer_url(inquiry), answers(**changed))
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in form.fields} == {
        name: text for name, text in answers(**changed).items() if name != "key"
    } | {"service": changed.get("service")}
    assert not Offer.objects.exists()


def test_a_time_that_the_clocks_skip_is_no_time(inquiry, mei):
    inquiry.expert.market.time_zone = "Europe/Berlin"
    inquiry.expert.market.save()
    answer = mei.post(offer_url(inquiry), answers(start="2031-03-30T02:30", end="2031-03-30T04:00"))
    assert "this time does not exist" in answer.content.decode()
    # In autumn the hour comes twice, and the first is meant.
    mei.post(offer_url(inquiry), answers(start="2031-10-26T02:30", end="2031-10-26T04:00"))
    assert Offer.objects.get().start == datetime(2031, 10, 26, 0, 30, tzinfo=UTC)


def test_old_zone_names_and_quarter_hours_work(inquiry, mei):
    for zone, expected in (("Asia/Calcutta", "04:00"), ("Asia/Katmandu", "03:45")):
        inquiry.expert.market.time_zone = zone
        inquiry.expert.market.save()
        mei.post(offer_url(inquiry), answers())
        assert Offer.objects.latest("pk").start.astimezone(UTC).strftime("%H:%M") == expected
    assert "By the clock" in mei.get(offer_url(inquiry)).content.decode()


def test_another_experts_service_cannot_be_offered(inquiry, mei):
    foreign = make_service(make_expert())
    assert list(mei.post(offer_url(inquiry), answers(service=foreign.pk)).context["form"].errors) == [
        "service"
    ]
    with pytest.raises(DomainError, match="belongs to another expert"):
        make_offer(inquiry, service=foreign)


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in(inquiry):
    client = Client()
    url = client.post(offer_url(inquiry), answers(note="A long note")).headers["Location"]
    login = {"login": inquiry.expert.user.email, "password": "correct horse battery"}
    form = client.post(url, login, follow=True).context["form"]
    assert (form["note"].value(), form["price"].value()) == ("A long note", "240.50")


# Moves


@pytest.mark.parametrize("side", ["expert", "traveler"])
def test_the_other_side_alone_accepts_and_counters(inquiry, rosa, mei, side, booked):
    offer = make_offer(inquiry, side)
    own, other = (mei, rosa) if side == "expert" else (rosa, mei)
    for name in ("accept", "counter"):
        assert press(own, name, offer, answers()).status_code == 404
    assert press(other, "withdraw", offer).status_code == 404
    for to in (State.ACCEPTED, State.COUNTERED):
        with pytest.raises(DomainError, match="not yours to decide"):
            offers.move(offer=offer, to=to, by=inquiry.person(side))
    assert (state(offer), booked) == ("offered", [])
    assert press(other, "accept", offer).status_code == 302
    assert state(offer) == "accepted"


def test_strangers_move_nothing(inquiry, booked):
    offer = make_offer(inquiry)
    for user in (make_user(), make_expert().user, make_user(is_staff=True, is_superuser=True)):
        for name in ("accept", "counter", "withdraw"):
            assert signed_in(user).get(reverse(f"inquiries:{name}", args=[offer.pk])).status_code == 404
            assert press(signed_in(user), name, offer, answers()).status_code == 404
    assert (state(offer), booked) == ("offered", [])


def test_accepting_shows_everything_first_and_books_once(inquiry, rosa, mei, booked):
    offer = make_offer(inquiry)
    shown = rosa.get(reverse("inquiries:accept", args=[offer.pk])).content.decode()
    assert "Accept for $240" in shown
    assert state(offer) == "offered"
    for _ in range(2):
        assert press(rosa, "accept", offer).status_code == 302
    assert booked == [(offer.pk, inquiry.traveler, f"offer-{offer.pk}")]
    assert Message.objects.filter(kind="accepted").count() == 1
    assert [event.action for event in audit.history(offer)] == ["offer.accepted", "offer.offered"]
    assert "The offer is accepted." in mei.get(inquiry.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_book_once(booked):
    offer = make_offer(make_inquiry())
    by = offer.inquiry.traveler
    assert at_once(lambda: offers.accept(offer=offer, by=by).state, times=4) == ["accepted"] * 4
    assert len(booked) == 1


@pytest.mark.django_db(transaction=True)
def test_of_accepting_and_withdrawing_at_once_one_happens(booked):
    offer = make_offer(make_inquiry())
    acts = [
        lambda: offers.accept(offer=offer, by=offer.inquiry.traveler),
        lambda: offers.withdraw(offer=offer, by=offer.inquiry.expert.user),
    ] * 2

    def one():
        try:
            return acts.pop()().state
        except IllegalMove:
            return "refused"

    ended = at_once(one, times=4)
    assert sorted(ended) in (
        ["accepted", "accepted", "refused", "refused"],
        ["refused"] * 2 + ["withdrawn"] * 2,
    )
    assert len(booked) == (state(offer) == "accepted")


def test_a_booking_that_fails_leaves_the_offer_open_and_says_why(inquiry, rosa, monkeypatch):
    def taken(offer, by, key):
        raise DomainError("This time has just been taken.")

    monkeypatch.setattr(offers, "accepted", [taken])
    offer = make_offer(inquiry)
    jobs = Job.objects.count()
    answer = press(rosa, "accept", offer)
    assert "This time has just been taken." in answer.content.decode()
    assert (state(offer), Message.objects.filter(kind="accepted").count()) == ("offered", 0)
    assert Job.objects.count() == jobs


def test_a_counter_closes_the_first_and_opens_another(inquiry, rosa, mei, booked):
    offer = make_offer(inquiry)
    form = rosa.get(reverse("inquiries:counter", args=[offer.pk])).context["form"]
    assert (form["price"].value(), form["title"].value()) == (offer.price, "Temple walk")
    same = answers(price="200")
    for _ in range(2):
        assert press(rosa, "counter", offer, same).status_code == 302
    new = Offer.objects.latest("pk")
    assert (Offer.objects.count(), state(offer), new.counters, new.side) == (
        2,
        "countered",
        offer,
        "traveler",
    )
    assert "answered with another offer" in press(rosa, "accept", offer).content.decode()
    press(mei, "accept", new)
    assert [call[0] for call in booked] == [new.pk]


def test_a_counter_that_is_refused_leaves_the_first_open(inquiry, rosa):
    offer = make_offer(inquiry)
    answer = press(rosa, "counter", offer, answers(price="0"))
    assert answer.context["form"].errors
    assert state(offer) == "offered"


def test_a_withdrawn_offer_cannot_be_accepted(inquiry, rosa, mei, booked):
    offer = make_offer(inquiry)
    press(mei, "withdraw", offer)
    answer = press(rosa, "accept", offer).content.decode()
    assert "This is “withdrawn” by now, so it can&#x27;t become “accepted”." in answer
    assert (state(offer), booked) == ("withdrawn", [])


def test_late_is_late_before_the_sweep_notes_it(inquiry, rosa, mei, booked):
    offer = make_offer(inquiry)
    late(offer)
    assert "can&#x27;t become “accepted”" in press(rosa, "accept", offer).content.decode()
    with pytest.raises(IllegalMove):
        offers.withdraw(offer=offer, by=inquiry.expert.user)
    assert "expired" in rosa.get(inquiry.get_absolute_url()).content.decode()
    assert (state(offer), booked) == ("offered", [])


def test_the_sweep_expires_what_is_due_once_and_nothing_else(inquiry):
    offer, open_one = make_offer(inquiry), make_offer(inquiry, "traveler")
    late(offer)
    expire_offers()
    expire_offers()
    assert (state(offer), state(open_one)) == ("expired", "offered")
    assert Message.objects.filter(kind="expired", side="system").count() == 1
    assert audit.history(offer)[0].actor is None


def test_after_a_block_nothing_is_offered_or_accepted_but_withdrawn(inquiry, rosa, mei, booked):
    offer, second = make_offer(inquiry), make_offer(inquiry)
    threads.block(inquiry=inquiry, by=inquiry.expert.user)
    assert "has closed this conversation" in press(rosa, "accept", offer).content.decode()
    assert mei.post(offer_url(inquiry), answers()).context["form"].non_field_errors()
    press(mei, "withdraw", second)
    assert (state(offer), state(second), booked) == ("offered", "withdrawn", [])


def test_so_many_offers_wait_in_a_thread_and_no_more(inquiry):
    for _ in range(5):
        make_offer(inquiry)
    with pytest.raises(DomainError, match="5 offers wait"):
        make_offer(inquiry)


def test_mails_tell_of_an_offer_with_times_price_and_link(inquiry, rosa, mei):
    inquiry.traveler.time_zone = "America/New_York"
    inquiry.traveler.save()
    start = datetime(timezone.now().year + 1, 4, 3, 0, 30, tzinfo=UTC)
    offer = make_offer(inquiry, start=start)
    Job.objects.update(run_after="2020-01-01T00:00Z")
    run_jobs()
    told = next(sent for sent in mail.outbox if sent.to == [inquiry.traveler.email])
    assert told.subject == "Mei Tanaka made you an offer"
    for part in (
        "Temple walk",
        "Tokyo time",
        "On your clock",
        "New York time",
        "$240",
        inquiry.get_absolute_url(),
    ):
        assert part in told.body
    rosa.get(inquiry.get_absolute_url())
    mei.get(inquiry.get_absolute_url())
    press(rosa, "accept", offer)
    Job.objects.update(run_after="2020-01-01T00:00Z")
    run_jobs()
    said = {(*sent.to, sent.subject) for sent in mail.outbox[-2:]}
    assert said == {
        (inquiry.expert.user.email, "Your booking with Rosa Traveler is confirmed"),
        (inquiry.traveler.email, "Your booking with Mei Tanaka is confirmed"),
    }


class Moves(RuleBasedStateMachine):
    """Whatever the two and the clock do: an offer ends once, and only an accepted one is booked."""

    @initialize()
    def begin(self):
        self.inquiry = make_inquiry(make_expert())
        self.offer = make_offer(self.inquiry)
        self.booked: list[int] = []
        self.ends: list[str] = []
        self.old, offers.accepted[:] = (
            list(offers.accepted),
            [lambda offer, by, key: self.booked.append(offer.pk)],
        )

    def teardown(self):
        if hasattr(self, "old"):
            offers.accepted[:] = self.old

    @rule(to=st.sampled_from(State.values), who=st.sampled_from(["traveler", "expert", None]))
    def move(self, to, who):
        by = self.inquiry.person(who) if who else None
        before = state(self.offer)
        right = {"accepted": "traveler", "countered": "traveler", "withdrawn": "expert", "expired": None}
        try:
            offers.move(offer=self.offer, to=to, by=by)
        except DomainError:
            assert state(self.offer) == before
            assert not (before == "offered" and to in right and right[to] == who)
        else:
            assert right[to] == who
            if before == "offered":
                self.ends.append(to)

    @invariant()
    def ends_once(self):
        if hasattr(self, "offer"):
            assert len(self.ends) <= 1
            assert state(self.offer) == (self.ends or ["offered"])[0]
            assert self.booked == ([self.offer.pk] if self.ends == ["accepted"] else [])


class TestMoves(TestCase, Moves.TestCase):  # type: ignore[misc,valid-type]  # made by hypothesis
    settings = hypothesis_settings(max_examples=15, stateful_step_count=8, deadline=None)  # type: ignore[assignment]


def test_whoever_accepts_reads_first_what_comes_back_and_that_it_binds(inquiry, client):
    offer = make_offer(inquiry, policy="moderate")
    client.force_login(inquiry.traveler)
    read = client.get(reverse("inquiries:accept", args=[offer.pk])).content.decode()
    assert "booked at once, and binding for both of you" in read
    assert "$240 comes back (100 %)" in read
    assert "$120 comes back (50 %)" in read


def test_an_offer_of_a_service_has_its_terms(inquiry, client):
    service = make_service(inquiry.expert, cancellation_policy="strict")
    client.force_login(inquiry.expert.user)
    answer = client.post(reverse("inquiries:offer", args=[inquiry.pk]), answers(service=service.pk, title=""))
    assert answer.status_code == 302
    assert Offer.objects.get().policy == "strict"
