"""Who the demo's experts are: their trades, languages, prices, days off and how well they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor, log10
from random import Random

from django.db.backends.postgresql.psycopg_any import DateRange

from config.demo import material, writing
from config.demo.material import City, Fact, Names, Offer, Trade
from config.demo.writing import Profile
from experts.models import Expert, Level, Service

Status = Expert.Status
# Of a hundred experts; the others are active.
ODDS = {Status.SUBMITTED: 4, Status.DRAFT: 3, Status.PAUSED: 3, Status.SUSPENDED: 1}
NOT_ACCEPTING = 0.04
STYLES = [*["friendly"] * 4, *["detailed"] * 3, *["concise"] * 2, "formal"]
RESPONSE_HOURS = "0.5 1 1 2 2 3 4 4 6 8 12 12 24 36 48".split()
AWAY = ["Holiday", "Training", "Booked", "Booked", "Wedding in the family", ""]
SUSPENDED_FOR = "Two guests waited in vain this month, and we could not reach you."
HOURS_A_DAY = 7
# Whoever does one of these takes many people at once; the others a table or a car full.
LARGE_GROUPS = {"groups", "celebrations", "city-history", "political-history"}
PRICE_LEVELS = {"luxury": 1.7, "budget-travel": 0.6, "trekking": 0.8}


@dataclass(frozen=True, slots=True)
class Person:
    """A profile with what the other rows of an expert are made of."""

    profile: Profile
    currency: str
    status: str
    joined: date
    active_since: date | None
    skill: float  # 0 to 1: how content their guests are
    prices: tuple[Decimal, Decimal]
    languages: dict[str, int]


def person(rng: Random, city: City, city_name: str, currency: str, today: date, status: str = "") -> Person:
    """Without `status` most are active and some are not."""
    status = status or rng.choices([*ODDS, Status.ACTIVE], [*ODDS.values(), 100 - sum(ODDS.values())])[0]
    is_new = status in {Status.DRAFT, Status.SUBMITTED}
    joined = today - timedelta(days=rng.randint(2, 25) if is_new else int(rng.triangular(20, 1500, 300)))
    tongue = rng.choice(list(material.abroad())) if rng.random() < city.foreigners else city.native
    profile = _profile(rng, city, city_name, tongue, today)
    return Person(
        profile=profile,
        currency=currency,
        status=status,
        joined=joined,
        active_since=None if is_new else min(joined + timedelta(days=rng.randint(2, 14)), today),
        skill=rng.betavariate(5, 1.6),
        prices=_prices(rng, city, profile),
        languages=_languages(rng, city, tongue),
    )


def _profile(rng: Random, city: City, city_name: str, tongue: str, today: date) -> Profile:
    work = trades(rng, city, city.trades, rng.randint(3, 6))
    is_woman = rng.random() < 0.5 or any(trade.slug == "women-travelers" for trade in work)
    abroad = tongue != city.native
    first, name = full_name(rng, material.abroad()[tongue] if abroad else city.names, is_woman)
    years, busy = 1 + int(rng.triangular(0, 24, 5)), rng.lognormvariate(2.6, 0.8)
    return Profile(
        first=first,
        name=name,
        is_woman=is_woman,
        is_foreign=abroad,
        city=city,
        city_name=city_name,
        area=rng.choice(list(city.areas)),
        trades=work,
        depths=sorted((1 + int(busy * rng.uniform(0.1, 1.6)) for _ in work), reverse=True),
        facts=_facts(rng, city, work),
        years=years,
        job=rng.choice(material.words()["jobs"][work[0].group]),
        since=today.year - years,
    )


def full_name(rng: Random, names: Names, is_woman: bool) -> tuple[str, str]:
    """The first name, and the whole one."""
    women, men, families = names
    first = rng.choice(women if is_woman else men)
    # Icelandic patronymics have two forms, daughter|son.
    family = rng.choice(families).split("|")[0 if is_woman else -1].replace("-", " ")
    return first, f"{first} {family}"


def trades(rng: Random, city: City, slugs: Sequence[str], count: int) -> list[Trade]:
    """Some of these: the more there is to know about one here the likelier, and often of one kind."""
    known, chosen = material.trades(), [rng.choices(slugs, _weights(city, slugs, None))[0]]
    weights = _weights(city, slugs, known[chosen[0]].group)
    while len(chosen) < count:
        slug = rng.choices(slugs, weights)[0]
        if slug not in chosen:
            chosen.append(slug)
    return [known[slug] for slug in chosen]


def _weights(city: City, slugs: Sequence[str], group: str | None) -> list[float]:
    known = material.trades()
    return [
        (len(city.facts.get(slug, ())) + 0.7) * (3 if known[slug].group == group else 1) for slug in slugs
    ]


def _facts(rng: Random, city: City, trades: Sequence[Trade]) -> list[Fact]:
    """Five to ten things this expert tells of, mostly from their own trades."""
    found: list[Fact] = []
    for place, trade in enumerate(trades):
        here = city.facts.get(trade.slug, [])
        found += rng.sample(here, k=min(len(here), 3 if place == 0 else 2))
    everything = [fact for facts in city.facts.values() for fact in facts]
    while len(found) < 5:
        fact = rng.choice(everything)
        if fact not in found:
            found.append(fact)
    return found[:10]


def _languages(rng: Random, city: City, tongue: str) -> dict[str, int]:
    """Levels by code: what they grew up with, and what people of this place learn."""
    spoken = {
        code: rng.randint(low, high)
        for code, (share, low, high) in city.languages.items()
        if rng.random() < share
    }
    if tongue != city.native:
        spoken[city.native] = rng.randint(Level.B1, Level.C2)
        spoken["en"] = max(spoken.get("en", 0), Level.C2.value)
    return spoken | {tongue: Level.NATIVE.value}


def _prices(rng: Random, city: City, profile: Profile) -> tuple[Decimal, Decimal]:
    """Per person and day."""
    low, high = city.prices
    level = rng.triangular(low, high, low * 1.3) * PRICE_LEVELS.get(profile.trades[0].slug, 1)
    return nice(level * 0.8), nice(level * rng.uniform(1.1, 1.6))


def nice(amount: float) -> Decimal:
    """Rounded as people price things: to fives of the second digit."""
    step = max(10 ** (floor(log10(amount)) - 1) / 2, 1)
    return Decimal(round(max(round(amount / step), 1) * step))


def expert(rng: Random, who: Person) -> Expert:
    """The row, still without user, market and slug."""
    profile = who.profile
    many = any(trade.slug in LARGE_GROUPS for trade in profile.trades)
    return Expert(
        status=who.status,
        status_reason=SUSPENDED_FOR if who.status == Status.SUSPENDED else "",
        headline=writing.headline(rng, profile),
        bio=writing.bio(rng, profile),
        background=writing.background(rng, profile),
        unique_value=writing.unique_value(rng, profile),
        years_experience=profile.years,
        communication_style=rng.choice(STYLES),
        price_min=who.prices[0],
        price_max=who.prices[1],
        currency=who.currency,
        response_hours=Decimal(rng.choice(RESPONSE_HOURS)),
        group_size_max=rng.randint(15, 40) if many else rng.randint(3, 12),
        verified=who.active_since is not None and rng.random() < 0.65,
        accepting_clients=rng.random() >= NOT_ACCEPTING,
        active_since=who.active_since,
    )


def career(who: Person, today: date) -> Iterator[tuple[str, str, str, date]]:
    """What became of an application: step, status before and after, day."""
    handed_in = who.joined + timedelta(days=1)
    if who.status != Status.DRAFT:
        yield "submit", Status.DRAFT, Status.SUBMITTED, handed_in
    if who.active_since:
        yield "approve", Status.SUBMITTED, Status.ACTIVE, who.active_since
    if who.status == Status.PAUSED:
        yield "pause", Status.ACTIVE, Status.PAUSED, today - timedelta(days=5)
    if who.status == Status.SUSPENDED:
        yield "suspend", Status.ACTIVE, Status.SUSPENDED, today - timedelta(days=8)


def services(rng: Random, who: Person) -> list[Service]:
    """Two to five, from the trades in turn."""
    offers = [(trade, offer) for trade in who.profile.trades for offer in trade.offers]
    chosen = sorted(rng.sample(range(len(offers)), k=min(rng.randint(2, 5), len(offers))))
    return [_service(rng, who, *offers[index]) for index in chosen]


def _service(rng: Random, who: Person, trade: Trade, offer: Offer) -> Service:
    here = who.profile.city.facts.get(trade.slug, [])
    facts = rng.sample(here, k=min(len(here), rng.randint(1, 2)))
    group = rng.randint(2, 10)
    days = float(offer.hours) / HOURS_A_DAY
    people = 1.5 if offer.kind in {"planning", "consultation"} else 1 + group / 4
    return Service(
        title=writing.title(who.profile, offer),
        description=writing.description(rng, who.profile, offer, facts),
        kind=offer.kind,
        duration_hours=Decimal(offer.hours),
        price=nice(float(rng.choice(who.prices)) * days * people),
        currency=who.currency,
        group_size_max=group,
        includes=rng.sample(trade.includes, k=rng.randint(1, len(trade.includes))),
    )


def away(rng: Random, today: date) -> list[tuple[DateRange, str]]:
    """Up to five blocked periods in the next ten months, apart from each other."""
    periods, day = [], today + timedelta(days=rng.randint(-12, 60))
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 5])):
        end = day + timedelta(days=rng.choice([1, 2, 2, 3, 5, 7, 10, 14, 21]))
        periods.append((DateRange(day, end), rng.choice(AWAY)))
        day = end + timedelta(days=rng.randint(4, 80))
    return periods
