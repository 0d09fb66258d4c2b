"""What a traveler or an expert says is wrong with a factor of a score."""

from django.utils import timezone

from accounts.models import User
from matching.models import Feedback, MatchScore


def say(*, by: User | None, score: MatchScore, side: str, factor: str, text: str) -> Feedback:
    """Whoever says it again replaces what they said of this factor."""
    said = {"text": text, "author": by, "created_at": timezone.now()}
    feedback, _ = Feedback.objects.update_or_create(score=score, side=side, factor=factor, defaults=said)
    return feedback
