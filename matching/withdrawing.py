"""Takes words back out of the receipts of lists that were made when they could still be read.

Numbers stay as they were: a replay compares them, and the traveler has decided by them.
"""

from collections.abc import Mapping

from django.db.models import Q

from bookings.models import Review
from experts.models import Evidence
from matching.models import Factor, MatchReceipt

AT_ONCE = 500


def forget_reviews(reviews: Mapping[int, int]) -> None:
    """No receipt quotes these reviews any more. `reviews`: the experts' keys by the reviews'.

    What a model wrote about the expert since a review was published may rest on it, so that goes as well.
    """
    published = Review.objects.filter(pk__in=reviews).exclude(published_at=None)
    for review, expert, since in published.values_list("pk", "expert_id", "published_at"):
        source = {"kind": Evidence.Kind.REVIEW.value, "source": review}
        quoted = Q(evidence__expertise__quote__contains=source)
        told = ~Q(review={}) & Q(score__run__reviewed_at__gte=since)
        _forget(Q(score__expert=expert) & (quoted | told), source)


def forget_expert(expert: int) -> None:
    """No receipt holds words of this expert, or a model's words about them."""
    _forget(Q(score__expert=expert), {})


def _forget(which: Q, source: Mapping[str, object]) -> None:
    """`source`: what a quote must be of to go, as far as it is said."""
    for receipt in MatchReceipt.objects.filter(which).order_by("pk").iterator(AT_ONCE):
        known = receipt.evidence[Factor.EXPERTISE]
        if known.get("quote") and source.items() <= known["quote"].items():
            known["quote"] = None
            receipt.strengths = [one for one in receipt.strengths if one[0] != "quote"]
        if receipt.review:
            _unsay(receipt)
        receipt.save(update_fields=["evidence", "strengths", "review"])


def _unsay(receipt: MatchReceipt) -> None:
    said = receipt.review
    for rating in said.get("ratings", {}).values():
        rating |= {"quote": "", "source": ""}
    said |= {"reasoning": "", "strengths": [], "considerations": [], "dropped": []}
