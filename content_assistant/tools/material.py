"""What several tools read of an expert: services and specialties, as facts and as sources."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from content_assistant.checks import Source
from content_assistant.tools.reading import shown
from experts.models import Expert, Service

MOST_SERVICES = 12
LONGEST_DESCRIPTION = 700
LONGEST_PROFILE = 2_500


def services_of(expert: Expert) -> list[Service]:
    return list(expert.services.filter(is_active=True).order_by("pk")[:MOST_SERVICES])


def specialties_of(expert: Expert) -> list[str]:
    """In the language that is active, the deepest first."""
    found = expert.specialties.select_related("specialty").order_by("-depth", "specialty__position")
    return [_(one.specialty.name) for one in found]


def profile_of(expert: Expert) -> str:
    parts = [expert.headline, expert.bio, expert.background, expert.unique_value]
    return shown("\n".join(filter(None, parts)), LONGEST_PROFILE)


def sources_of(expert: Expert, services: Iterable[Service]) -> tuple[Source, ...]:
    profile = Source("profile", _("your profile"), profile_of(expert), expert.get_absolute_url())
    about = (
        Source("service", one.title, "\n".join([one.title, one.description, *one.includes]))
        for one in services
    )
    return (profile, *about)
