"""What several tools read of an expert: services and specialties, as facts and as sources."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from content_assistant.checks import Source
from content_assistant.tools.reading import shown
from experts.models import Expert, Service
from markets import formats

LONGEST_DESCRIPTION = 700
LONGEST_PROFILE = 2_500


def profile_of(expert: Expert) -> str:
    parts = [expert.headline, expert.bio, expert.background, expert.unique_value]
    return shown("\n".join(filter(None, parts)), LONGEST_PROFILE)


def basics_of(expert: Expert) -> str:
    """What a profile has beside sentences: whose it is, where, since when, for how many."""
    market = expert.market
    return "; ".join(
        [
            expert.name,
            market.name,
            formats.country(market.country_code),
            f"{expert.years_experience} years",
            f"up to {expert.group_size_max} people",
        ]
    )


def terms_of(service: Service) -> tuple[str, str]:
    return service.length, f"up to {service.group_size_max} people"


def sources_of(expert: Expert, services: Iterable[Service]) -> tuple[Source, ...]:
    profile = Source(
        "profile", _("your profile"), f"{profile_of(expert)}\n{basics_of(expert)}", expert.get_absolute_url()
    )
    about = (
        Source("service", one.title, "\n".join([one.title, one.description, *one.includes, *terms_of(one)]))
        for one in services
    )
    return (profile, *about)
