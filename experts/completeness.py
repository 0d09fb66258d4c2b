"""What an application needs before a person reads it, and what makes a profile strong."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from experts.models import Expert

SHORTEST_BIO = 120  # letters: less says nothing to a traveler
STRONG_BIO = 500

# By the step of the application that mends it.
MISSING = {
    "about": gettext_lazy("a headline and at least 120 letters about you"),
    "place": gettext_lazy("a language you work in"),
    "specialties": gettext_lazy("what you know best"),
    "prices": gettext_lazy("your prices"),
    "service": gettext_lazy("a first service"),
}


class IncompleteApplication(DomainError):
    """`missing` names the steps."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(
            _("Something is still missing: %(parts)s.")
            % {"parts": "; ".join(str(MISSING[step]) for step in missing)}
        )


@dataclass(frozen=True)
class Counts:
    """How much of each there is, in one query."""

    languages: int
    specialties: int
    services: int
    photos: int
    verifications: int

    @classmethod
    def of(cls, expert: Expert) -> "Counts":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {COUNTS}", {"expert": expert.pk})
            return cls(*cursor.fetchone())


# The columns, for whoever asks for more at once.
COUNTS = """
    (SELECT count(*) FROM experts_expertlanguage WHERE expert_id = %(expert)s),
    (SELECT count(*) FROM experts_expertspecialty WHERE expert_id = %(expert)s),
    (SELECT count(*) FROM experts_service WHERE expert_id = %(expert)s AND is_active),
    (SELECT count(*) FROM experts_photo WHERE expert_id = %(expert)s),
    (SELECT count(*) FROM experts_verification WHERE expert_id = %(expert)s AND withdrawn_at IS NULL)
"""


def missing(expert: Expert, counts: Counts | None = None) -> list[str]:
    """The steps that are not done yet, in their order."""
    have = counts or Counts.of(expert)
    done = {
        "about": bool(expert.headline.strip()) and len(expert.bio.strip()) >= SHORTEST_BIO,
        "place": have.languages > 0,
        "specialties": have.specialties > 0,
        "prices": expert.price_min > 0,
        "service": have.services > 0,
    }
    return [step for step, is_done in done.items() if not is_done]


@dataclass(frozen=True)
class Part:
    """One thing that makes a profile strong: what it is worth, what to do, and where."""

    worth: int
    done: bool
    advice: Any
    url: str  # name of the page


def strength(expert: Expert, counts: Counts) -> list[Part]:
    """A hundred points in parts. What they are worth is our judgement of what travelers look at first."""
    return [
        Part(20, bool(expert.photo), _("Add a photo of yourself."), "experts:photos"),
        Part(
            15,
            len(expert.bio) >= STRONG_BIO,
            _("Write at least 500 letters about yourself."),
            "experts:edit",
        ),
        Part(15, counts.services >= 2, _("Offer a second service."), "experts:services"),
        Part(10, counts.photos >= 3, _("Show three photos of what you do."), "experts:photos"),
        Part(
            10,
            counts.specialties >= 3,
            _("Name three things you know best."),
            "experts:edit",
        ),
        Part(10, counts.languages >= 2, _("Name a second language you work in."), "experts:edit"),
        Part(10, bool(expert.unique_value), _("Say what makes you special."), "experts:edit"),
        Part(10, bool(expert.background), _("Tell where your knowledge comes from."), "experts:edit"),
    ]


def points(parts: list[Part]) -> int:
    return sum(part.worth for part in parts if part.done)


def next_step(parts: list[Part]) -> Part | None:
    """What is worth most of what is not done."""
    return max((part for part in parts if not part.done), key=lambda part: part.worth, default=None)
