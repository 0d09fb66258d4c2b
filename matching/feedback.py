"""Travelers and experts say which factor of a score is wrong, and why."""

from django.utils import timezone

from accounts.models import User
from matching.models import Feedback, MatchScore


def say(*, by: User | None, score: MatchScore, side: str, factor: str, text: str) -> Feedback:
    """Keep what this side says about a factor, in place of what it said before. `by`: None for a visitor."""
    said, _ = Feedback.objects.update_or_create(
        score=score,
        side=side,
        factor=factor,
        defaults={"text": text, "author": by, "created_at": timezone.now()},
    )
    return said
