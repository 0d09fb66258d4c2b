"""The second stage's first half: a model is asked about the first twelve, and code decides what of the answer counts.

Ratings of 0 to 4 stand for values of 0, 25, 50, 75 and 100. A value moves half the way to the one that was meant, by 15
at most: the model's word weighs as much as the formulas', and cannot take over. Where scores are close, a second
opinion is asked in another order; their mean counts, or the formulas alone if the two lie far apart.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from django.utils import translation
from django.utils.translation import gettext as _

from llm import door
from matching import claims, engine, records, replay
from matching.claims import Dropped, Opinion, Rated
from matching.inputs import Inputs
from matching.models import MOST_SHIFT, REVIEWED, Factor, MatchRun, MatchScore
from matching.prompts.review import REVIEW, TOP_RATING, Review
from matching.records import Dossier

# Two ratings of the same that lie so far apart say nothing.
WIDE = 2
State = MatchRun.Review
Ratings = dict[str, list[Rated]]  # by factor, a rating of each opinion


@dataclass
class Judgement:
    """What came of asking about one score."""

    opinion: Opinion = field(default_factory=Opinion)
    ratings: Ratings = field(default_factory=dict)
    shifts: dict[str, int] = field(default_factory=dict)  # tenths, by factor
    dropped: list[Dropped] = field(default_factory=list)


@dataclass
class Judged:
    """What came of the whole review. `of` has a judgement for each score that was asked about, by its key."""

    state: str
    note: str = ""
    seed: int = 0
    cost: Decimal = Decimal(0)
    model: str = ""
    of: dict[int, Judgement] = field(default_factory=dict)
    strays: int = 0  # claims about nobody that was asked about

    @property
    def dropped(self) -> int:
        return self.strays + sum(len(judgement.dropped) for judgement in self.of.values())


def judge(run: MatchRun) -> Judged:
    """Writes nothing but the model door's own books. Takes seconds."""
    inputs, scores = replay.inputs_of(run), nearest(run)
    if not scores:  # all have left meanwhile
        return Judged(State.NONE)
    seed = seed_of(inputs)
    ranking = engine.score(inputs, run.version.weights)
    with translation.override(run.language):
        dossier = records.dossier(run, ranking, scores, seed=seed)
        return _Inquest(run, dossier, seed).held()


def nearest(run: MatchRun) -> list[MatchScore]:
    """The first twelve of those who can do the trip, best first."""
    able = run.scores.exclude(hidden__in=engine.UNABLE)
    return list(able.select_related("expert__user", "receipt").order_by("rank")[:REVIEWED])


def seed_of(inputs: Inputs) -> int:
    """The same inputs are shuffled the same way, so that the same question is asked."""
    return int.from_bytes(hashlib.blake2b(inputs.pack(), digest_size=4).digest()) >> 1


def shift(value: int, ratings: Sequence[int]) -> int:
    """How far a value moves for ratings of 0 to 4; both in tenths."""
    meant = 1000 * sum(ratings) / (TOP_RATING * len(ratings))
    half = math.floor((meant - value) / 2 + 0.5)
    return max(-MOST_SHIFT, min(MOST_SHIFT, half))


class _Inquest:
    """One review under way."""

    def __init__(self, run: MatchRun, dossier: Dossier, seed: int) -> None:
        self.run, self.dossier = run, dossier
        self.order = dossier.shuffled(seed)
        self.judged = Judged(State.FAILED, seed=seed, of={score.pk: Judgement() for score in dossier.scores})

    def held(self) -> Judged:
        try:
            first = self._ask(self.order)
        except door.LLMError as error:
            self.judged.note = str(error)
            return self.judged
        self._hear(first)
        if self.judged.state == State.DONE:
            self._hear_again()
            self._decide()
        return self.judged

    def _ask(self, labels: Sequence[str]) -> door.Answer[Review]:
        users = self.dossier.users
        answer = door.ask(
            REVIEW, self.dossier.about(labels), about=users, people=[user.name for user in users]
        )
        self.judged.cost += answer.cost
        self.judged.model = answer.model or self.judged.model
        return answer

    def _hear(self, answer: door.Answer[Review]) -> None:
        judged = self.judged
        if answer.origin is not door.Origin.OFFLINE and self._is_foreign(answer):
            judged.note = _("The second look came back in another language.")
            return
        for score, opinion in self._opinions(answer):
            judged.of[score.pk].opinion = opinion
            judged.of[score.pk].ratings = {factor: [rated] for factor, rated in opinion.ratings.items()}
        if answer.origin is door.Origin.OFFLINE:
            judged.state, judged.note = State.OFFLINE, answer.notice
        elif any(judgement.ratings for judgement in judged.of.values()):
            judged.state = State.DONE
        else:
            judged.note = _("Nothing in the second look could be verified.")

    def _hear_again(self) -> None:
        """About those whose scores are close, the other way round: what a place in the list was worth cancels out.

        A second opinion that fails changes nothing.
        """
        close = self._close()
        if not close:
            return
        try:
            second = self._ask([label for label in reversed(self.order) if label in close])
        except door.LLMError:
            return
        if second.origin is door.Origin.OFFLINE or self._is_foreign(second):
            return
        for score, opinion in self._opinions(second):
            for factor, rated in opinion.ratings.items():
                self.judged.of[score.pk].ratings.setdefault(factor, []).append(rated)

    def _is_foreign(self, answer: door.Answer[Review]) -> bool:
        return claims.language_differs(answer.output, self.run.language)

    def _opinions(self, answer: door.Answer[Review]) -> list[tuple[MatchScore, Opinion]]:
        checked = claims.check(answer.output, self.dossier.facts, answer.verdicts)
        for one in checked.dropped:
            if score := self.dossier.labels.get(one.expert):
                self.judged.of[score.pk].dropped.append(one)
            else:
                self.judged.strays += 1
        return [(self.dossier.labels[label], opinion) for label, opinion in checked.opinions.items()]

    def _close(self) -> set[str]:
        moved = {score.pk: self._score_with(score) for score in self.dossier.scores}
        order = sorted(self.dossier.scores, key=lambda score: -moved[score.pk])
        pairs = [pair for pair in pairwise(order) if moved[pair[0].pk] - moved[pair[1].pk] < engine.CLOSE]
        near = {score.pk for pair in pairs for score in pair}
        return {label for label, score in self.dossier.labels.items() if score.pk in near}

    def _score_with(self, score: MatchScore) -> int:
        """What the score is with the shifts that the ratings so far lead to."""
        shifts = self._shifts(score, self.judged.of[score.pk].ratings)
        return engine.total(moved(score.tenths, shifts), self.run.version.weights)

    def _decide(self) -> None:
        for score in self.dossier.scores:
            judgement = self.judged.of[score.pk]
            agreed = {factor: given for factor, given in judgement.ratings.items() if _agree(given)}
            judgement.shifts = self._shifts(score, agreed)
            for factor in judgement.ratings.keys() - agreed.keys():
                told = " / ".join(str(one.rating) for one in judgement.ratings[factor])
                judgement.dropped.append(Dropped("rating", "opinions_differ", told, ""))

    def _shifts(self, score: MatchScore, ratings: Mapping[str, list[Rated]]) -> dict[str, int]:
        values = dict(zip(Factor.values, score.tenths, strict=True))
        return {
            factor: shift(values[factor], [one.rating for one in given]) for factor, given in ratings.items()
        }


def _agree(given: Sequence[Rated]) -> bool:
    ratings = [one.rating for one in given]
    return max(ratings) - min(ratings) < WIDE


def moved(values: Sequence[int], shifts: Mapping[str, int]) -> list[int]:
    """A shift leads half the way to another value of the scale, so it never leads out of it."""
    return [value + shifts.get(factor, 0) for factor, value in zip(Factor.values, values, strict=True)]
