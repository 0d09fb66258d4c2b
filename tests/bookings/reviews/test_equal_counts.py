"""Whatever happens to reviews in whatever order: the counts, the evidence and the themes equal the rows."""

from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts import erasing
from accounts.errors import DomainError
from bookings import reviewing
from bookings.aggregates import refresh_experts
from bookings.models import Review, TravelerReview, Written
from experts.models import Evidence
from tests.bookings.reviews.test_writing import pass_days, sweep
from tests.bookings.test_reviews import STARS, counted, stored
from tests.factories import make_booking, make_expert, make_user

State = Written.State
stars = st.fixed_dictionaries({name: st.integers(1, 5) for name in STARS})
places = st.integers(0, 2)


class Reviews(RuleBasedStateMachine):
    """Two experts, three travelers, one booking of each pair at the most at any time."""

    def __init__(self):
        super().__init__()
        self.start = transaction.savepoint()  # each example forgets what the last one did
        self.staff = make_user(is_staff=True)
        self.staff.groups.add(Group.objects.get(name="Reviewer"))
        self.experts = [make_expert(), make_expert()]
        self.travelers = [make_user() for _ in range(3)]
        self.bookings = [
            make_booking(expert, traveler) for expert in self.experts for traveler in self.travelers
        ]
        refresh_experts(expert.pk for expert in self.experts)

    def _booking(self, expert, traveler):
        booking = self.bookings[expert * 3 + traveler]
        booking.refresh_from_db()
        return booking

    def teardown(self):
        transaction.savepoint_rollback(self.start)

    @rule(expert=st.integers(0, 1), traveler=places, said=stars, text=st.sampled_from(["Kayaks.", "Walks."]))
    def the_traveler_writes_or_changes(self, expert, traveler, said, text):
        booking = self._booking(expert, traveler)
        with suppress(DomainError):
            reviewing.write(booking=booking, by=booking.traveler, text=text, **said)

    @rule(expert=st.integers(0, 1), traveler=places, rating=st.integers(1, 5))
    def the_expert_writes(self, expert, traveler, rating):
        booking = self._booking(expert, traveler)
        with suppress(DomainError):
            reviewing.write(booking=booking, by=booking.expert.user, text="Kind.", rating=rating)

    @rule()
    def a_week_passes(self):
        pass_days(8)
        sweep()

    @precondition(lambda self: Review.objects.exclude(state=State.WAITING).exists())
    @rule(data=st.data())
    def staff_hide_or_show(self, data):
        seen = list(Review.objects.exclude(state=State.WAITING).order_by("pk"))
        review = data.draw(st.sampled_from(seen))
        to = State.HIDDEN if review.state == State.PUBLISHED else State.PUBLISHED
        reviewing.move(review=review, to=to, by=self.staff, reason="Because.")

    @rule(traveler=places)
    def a_traveler_is_erased(self, traveler):
        user = self.travelers[traveler]
        with suppress(erasing.Blocked):
            erasing.erase(user=user, by=user)
        user.refresh_from_db()

    @rule(expert=st.integers(0, 1))
    def an_expert_is_erased(self, expert):
        user = self.experts[expert].user
        with suppress(erasing.Blocked):
            erasing.erase(user=user, by=user)
        user.refresh_from_db()

    @invariant()
    def the_counts_equal_the_rows(self):
        assert [stored(expert) for expert in self.experts] == [counted(expert) for expert in self.experts]

    @invariant()
    def the_evidence_is_what_can_be_read(self):
        read = Review.objects.filter(state=State.PUBLISHED).exclude(text="")
        found = Evidence.objects.filter(kind=Evidence.Kind.REVIEW)
        assert set(found.values_list("source_id", "text")) == set(read.values_list("pk", "text"))

    @invariant()
    def both_are_seen_or_neither_is(self):
        one_sided = Review.objects.filter(booking__traveler_review__isnull=False).filter(state=State.WAITING)
        assert not one_sided.exists()
        assert not TravelerReview.objects.filter(booking__review__isnull=False, state=State.WAITING).exists()


@pytest.mark.django_db
def test_the_machine_finds_no_way_to_make_them_differ():
    some = settings(max_examples=15, stateful_step_count=15, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Reviews, settings=some)
