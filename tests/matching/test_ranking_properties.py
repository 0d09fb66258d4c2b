"""What must hold of every ranking, seen from the rows to the stored scores."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from experts.models import Expert, ExpertSpecialty, Specialty
from experts.search import reindex
from matching import candidates, engine
from matching.models import Factor
from tests.factories import make_booking, make_expert, make_market, make_trip

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
SKILLS = ["street-food", "restaurants", "day-hikes", "museums", "wine", "photography"]
STYLES = ["friendly", "concise", "detailed", "formal"]
ANYTHING_PAID = (
    "commission",
    "promot",
    "sponsor",
    "boost",
    "subscri",
    "paid",
    "_fee_",
    "tier",
    "revenue",
)


@pytest.fixture
def kyoto():
    return make_market()


def crowd(kyoto, chance, size=8):
    """Experts as different as rows can be."""
    experts = []
    for _ in range(size):
        low = chance.randint(20, 300)
        reviews = chance.randint(0, 30)
        experts.append(
            make_expert(
                kyoto,
                specialties={
                    slug: chance.randint(1, 30) for slug in chance.sample(SKILLS, chance.randint(0, 4))
                },
                languages={code: chance.randint(1, 7) for code in chance.sample(["en", "ja", "de"], 2)},
                communication_style=chance.choice(STYLES),
                bio=" ".join(chance.sample("tea kilns gardens noodles hills temples boats".split(), 3)),
                price_min=Decimal(low),
                price_max=Decimal(low + chance.randint(0, 200)),
                response_hours=chance.randint(0, 90),
                group_size_max=chance.randint(1, 12),
                verified=chance.random() < 0.5,
                review_count=reviews,
                rating_sum=chance.randint(reviews, 5 * reviews),
            )
        )
    return experts


def any_trip(kyoto, chance):
    wanted = chance.sample(SKILLS, 3)
    return make_trip(
        kyoto,
        interests=wanted[:2],
        musts=wanted[2:],
        brief="Noodles, gardens and an old kiln.",
        budget=Decimal(chance.randint(100, 9000)),
        languages=chance.choice([[], ["en"], ["de", "ja"]]),
        communication_style=chance.choice(["", *STYLES]),
        adults=chance.randint(1, 8),
    )


def table(trip):
    """Everything a ranking says, best first."""
    ranking = engine.rank(trip, today=TODAY)
    columns = [ranking.pool.ids, ranking.scores, ranking.hidden, *ranking.values, *ranking.points]
    return [tuple(int(column[place]) for column in columns) for place in ranking.order]


def expertise(trip, expert):
    ranking = engine.rank(trip, today=TODAY)
    return ranking.values[0, ranking.pool.ids.tolist().index(expert.pk)]


@pytest.mark.parametrize("seed", range(6))
def test_a_wanted_skill_more_never_lowers_the_expertise(kyoto, seed):
    chance = random.Random(seed)
    experts = crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    for expert in experts:
        known = set(expert.specialties.values_list("specialty__slug", flat=True))
        for slug in sorted(set(trip.wanted.values_list("specialty__slug", flat=True)) - known)[:1]:
            before = expertise(trip, expert)
            skill = Specialty.objects.get(slug=slug)
            ExpertSpecialty.objects.create(expert=expert, specialty=skill, depth=chance.randint(1, 20))
            reindex([expert.pk])
            assert expertise(trip, expert) >= before


@pytest.mark.parametrize("seed", range(3))
def test_doing_a_wanted_skill_more_often_never_lowers_the_expertise(kyoto, seed):
    chance = random.Random(seed)
    experts = crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    wanted = trip.wanted.values("specialty")
    for row in ExpertSpecialty.objects.filter(expert__in=experts, specialty__in=wanted):
        before = expertise(trip, row.expert)
        row.depth += chance.randint(1, 20)
        row.save()
        reindex([row.expert_id])
        assert expertise(trip, row.expert) >= before


@pytest.mark.parametrize("seed", range(4))
def test_every_value_and_score_is_in_range_and_adds_up(kyoto, seed):
    chance = random.Random(seed)
    crowd(kyoto, chance)
    for _, score, _, *rest in table(any_trip(kyoto, chance)):
        values, points = rest[:5], rest[5:]
        assert all(0 <= value <= 1000 for value in values)
        weighted = [value * weight for value, weight in zip(values, engine.WEIGHTS, strict=True)]
        assert points == [(share + 500) // 1000 for share in weighted]
        assert sum(points) == score


def test_the_same_rows_give_the_same_ranking(kyoto):
    chance = random.Random(7)
    experts = crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    before = table(trip)
    for expert in chance.sample(experts, len(experts)):
        Expert.objects.filter(pk=expert.pk).update(status_reason="written anew")
        for row in expert.specialties.all():
            ExpertSpecialty.objects.filter(pk=row.pk).delete()
            row.save(force_insert=True)
        reindex([expert.pk])
    assert [table(trip) for _ in range(2)] == [before, before]


def test_experts_of_other_markets_do_not_matter(kyoto):
    chance = random.Random(3)
    crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    before = table(trip)
    crowd(make_market("Lisbon"), chance)
    assert table(trip) == before


def test_what_an_expert_earns_moves_nothing(kyoto):
    chance = random.Random(5)
    experts = crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    before = table(trip)
    for expert in experts:
        price = Decimal(chance.randint(1, 900_000))
        make_booking(expert, price=price, state="confirmed", start=TODAY + timedelta(days=400))
    assert table(trip) == before


def test_nothing_anybody_could_pay_for_is_an_input():
    read = {
        *candidates.NUMBER_FIELDS,
        *candidates.TEXT_FIELDS,
        *(field.name for field in Expert._meta.get_fields()),
    }
    assert [name for name in sorted(read) if any(part in f"_{name}_" for part in ANYTHING_PAID)] == []


def test_a_name_a_face_and_an_address_are_no_inputs(kyoto):
    chance = random.Random(9)
    experts = crowd(kyoto, chance)
    trip = any_trip(kyoto, chance)
    before = table(trip)
    for number, expert in enumerate(experts):
        type(expert.user).objects.filter(pk=expert.user_id).update(name="Z", email=f"z{number}@example.com")
    assert table(trip) == before
    assert len(engine.rank(trip, today=TODAY).parts.values()) == len(Factor)
