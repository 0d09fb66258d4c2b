# Last, because they read those above.
from experts.calendar import models as _calendar_models  # noqa: F401
from experts.listings import Favourite, Listing, ListingText
from experts.models.applying import Application
from experts.models.experts import (
    GUESSED_HOURS,
    PUBLIC_EXPERT,
    SUB_RATINGS,
    CommunicationStyle,
    Evidence,
    Expert,
    ExpertLanguage,
    ExpertQuerySet,
    ExpertSpecialty,
    ExpertTerm,
    FoldedVector,
    Level,
    Specialty,
    UnavailablePeriod,
)
from experts.models.photos import Photo
from experts.models.services import CancellationPolicy, Service
from experts.models.trust import Verification

__all__ = [
    "GUESSED_HOURS",
    "PUBLIC_EXPERT",
    "SUB_RATINGS",
    "Application",
    "CancellationPolicy",
    "CommunicationStyle",
    "Evidence",
    "Expert",
    "ExpertLanguage",
    "ExpertQuerySet",
    "ExpertSpecialty",
    "ExpertTerm",
    "Favourite",
    "FoldedVector",
    "Level",
    "Listing",
    "ListingText",
    "Photo",
    "Service",
    "Specialty",
    "UnavailablePeriod",
    "Verification",
]
