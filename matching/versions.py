"""How algorithm versions come into use and go out of it: one function makes every move, whoever asks for it."""

from matching.learning import interleaving
from matching.models import AlgorithmVersion


def takes_part(trip_id: int, challenger: AlgorithmVersion) -> bool:
    """Whether a trip's list is mixed with the challenger's: the same answer for a trip as long as the share stands."""
    return interleaving.share_of(f"{challenger.pk}/{trip_id}") * 100 < challenger.share
