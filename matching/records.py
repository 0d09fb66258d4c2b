"""What a model is shown of the experts nearest the top: letters for names, passages of equal length, no orders."""

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from accounts.models import User
from experts import search
from experts.models import Evidence
from llm import door
from markets.folding import fold
from matching import wording
from matching.engine import Ranking
from matching.models import MatchReceipt, MatchRun, MatchScore
from matching.prompts.review import Facts, Record, Request
from travelers.models import TripInterest

# A long text buys nothing: so much is shown of each, and so many of a kind.
LENGTHS = {Evidence.Kind.PROFILE: 700, Evidence.Kind.SERVICE: 350, Evidence.Kind.REVIEW: 260}
EACH = 2
# What stands where a name stood.
NOBODY = "[expert]"
# Letters that no reader takes for a mark.
LABELS = string.ascii_uppercase
BRIEF_LENGTH = 1_500
SENTENCE = re.compile(r"\S(?:.*?[.!?…。！？](?=\s|$)|.*$)")


@dataclass(frozen=True, eq=False)
class Dossier:
    """All that is asked about: the experts of these scores, which are the first of the run by rank."""

    facts: Facts
    scores: list[MatchScore]
    labels: dict[str, MatchScore]
    users: list[User]

    def record(self, label: str) -> Record:
        return next(record for record in self.facts.experts if record.expert == label)

    def shuffled(self, seed: int) -> list[str]:
        """The letters in an order that chance decides."""
        labels = sorted(self.labels)
        Random(f"order {seed}").shuffle(labels)  # noqa: S311  # not as the letters were, or that would be undone
        return labels

    def about(self, labels: Iterable[str]) -> Facts:
        """The question about these, in this order."""
        return self.facts.model_copy(update={"experts": [self.record(label) for label in labels]})


def dossier(run: MatchRun, ranking: Ranking, scores: Sequence[MatchScore], *, seed: int) -> Dossier:
    """In the language that is active. `seed` gives out the letters, so that none goes with a rank."""
    texts = search.passages([score.expert_id for score in scores], ranking.pool.words.keys, each=EACH)
    letters = list(LABELS[: len(scores)])
    Random(f"letters {seed}").shuffle(letters)  # noqa: S311
    labels = dict(zip(letters, scores, strict=True))
    words = list(ranking.pool.words.keys)
    records = [
        _record(label, score, texts[score.expert_id], words) for label, score in sorted(labels.items())
    ]
    facts = Facts(language=run.language, request=_request(run), experts=records)
    users = [score.expert.user for score in scores]
    return Dossier(facts, list(scores), labels, users + ([run.trip.traveler] if run.trip.traveler else []))


def _request(run: MatchRun) -> Request:
    trip = run.trip
    wanted = list(TripInterest.objects.filter(trip=trip).select_related("specialty").order_by("specialty"))
    return Request(
        wishes=[interest.specialty.name for interest in wanted if not interest.must],
        musts=[interest.specialty.name for interest in wanted if interest.must],
        must_haves=shown(trip.must_haves, BRIEF_LENGTH),
        nice_to_haves=shown(trip.nice_to_haves, BRIEF_LENGTH),
        brief=shown(trip.brief, BRIEF_LENGTH),
        likes_to_be_written_to=trip.communication_style,
    )


def _record(label: str, score: MatchScore, texts: Iterable[tuple[str, str]], words: Sequence[str]) -> Record:
    receipt: MatchReceipt = score.receipt
    name = score.expert.user.name
    found: dict[str, list[str]] = {kind: [] for kind in LENGTHS}
    for kind, text in texts:
        if passage := shown(unnamed(text, name), LENGTHS[Evidence.Kind(kind)], words):
            found[kind].append(passage)
    evidence = [line for _, lines in wording.evidence(receipt.evidence) for line in lines]
    return Record(
        expert=label,
        profile=" ".join(found[Evidence.Kind.PROFILE]),
        services=found[Evidence.Kind.SERVICE],
        reviews=found[Evidence.Kind.REVIEW],
        facts=[f"F{number}: {line}" for number, line in enumerate(evidence, start=1)],
        strengths=wording.remarks(receipt.strengths),
        considerations=wording.remarks(receipt.considerations),
    )


def shown(text: str, length: int, words: Sequence[str] = ()) -> str:
    """A person's text as a model sees it: without orders to it, and of a long one the sentences that matter most.

    Those that hold most of the lexemes come first into the length, earlier ones before later ones, so that padding
    displaces nothing. They stand in the order in which they were written.
    """
    line = " ".join(door.without_orders(text).text.split())
    if len(line) <= length:
        return line
    sentences = SENTENCE.findall(line)
    places = sorted(range(len(sentences)), key=lambda place: (-_hits(sentences[place], words), place))
    kept: list[int] = []
    for place in places:
        left = length - sum(len(sentences[one]) + 1 for one in kept)
        if len(sentences[place]) > left:
            break
        kept.append(place)
    return " ".join(sentences[place] for place in sorted(kept)) or _cut(sentences[places[0]], length)


def _hits(sentence: str, words: Sequence[str]) -> int:
    """How many of the lexemes it holds. A stem is mostly how its words begin."""
    said = fold(sentence).split()
    return sum(any(one.startswith(word) for one in said) for word in words)


def _cut(text: str, length: int) -> str:
    return text[: length + 1].rpartition(" ")[0] or text[:length]


def unnamed(text: str, name: str) -> str:
    parts = [re.escape(part) for part in (name, *name.split()) if len(part) > 2]
    return re.sub(rf"\b(?:{'|'.join(parts)})\b", NOBODY, text) if parts else text
