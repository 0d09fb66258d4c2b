"""Facts of demo experts, without a database: what the tools read of the rows that the demo would make."""

from datetime import date
from random import Random

from config.demo import material, people
from content_assistant.tools import service
from content_assistant.tools.profile import Offer, Profile, Specialty, Spoken
from experts import taxonomy

TODAY = date(2026, 5, 1)


def demo_profiles(count, *, city="", seed="1"):
    """Of one city, or of all in turn."""
    cities = [material.cities()[city]] if city else list(material.cities().values())
    return [demo_profile(number, cities[number % len(cities)], seed) for number in range(count)]


def demo_profile(number, city, seed="1"):
    rng = Random(f"{seed}/{city.key}/{number}")
    name = city.key.replace("-", " ").title()
    who = people.person(rng, city, name, "EUR", TODAY, status="active")
    expert, services = people.expert(rng, who), people.services(rng, who)
    names = {entry.slug: entry.name for entry in taxonomy.entries()}
    trades = zip(who.profile.trades, who.profile.depths, strict=True)
    languages = sorted(who.languages.items(), key=lambda pair: (-pair[1], pair[0]))
    return Profile(
        seed=number + 1,
        name=who.profile.name,
        city=name,
        country="JP",
        headline=expert.headline,
        bio=expert.bio,
        background=expert.background,
        unique_value=expert.unique_value,
        years=expert.years_experience,
        style=expert.communication_style,
        group=expert.group_size_max,
        specialties=[Specialty(slug=t.slug, name=names[t.slug], trips=depth) for t, depth in trades],
        languages=[Spoken(code=code, level=level) for code, level in languages],
        services=[Offer(title=s.title, kind=s.kind, description=s.description) for s in services],
    )


def demo_services(count, language="en", **changes):
    """What the tool for services reads of the first service of as many demo experts."""
    return [_service_facts(profile, language, changes) for profile in demo_profiles(count)]


def _service_facts(profile, language, changes):
    row = _rows(profile)[0]
    terms = service.terms(row).model_copy(update=changes)
    return service.ServiceFacts(language=language, service=terms, expert=profile)


def _rows(profile):
    """The same services again that the profile was made with."""
    number, cities = profile.seed - 1, list(material.cities().values())
    city = cities[number % len(cities)]
    rng = Random(f"1/{city.key}/{number}")
    who = people.person(rng, city, profile.city, "EUR", TODAY, status="active")
    people.expert(rng, who)
    return people.services(rng, who)
