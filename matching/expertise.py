"""How well an expert's knowledge covers what a trip asks for, as a number from 0 to 100.

Four parts, each from 0 to 1, are added with fixed weights (`Formula`). They follow Balog, Azzopardi and de Rijke,
"Formal models for expert finding in enterprise corpora" (SIGIR 2006): how much a person did in a field (their
model 2), how much of the person's work lies in it (model 1), and a prior for the person.

depth       Σ weight·(1 + rarity)·d/(d + 4) over the wanted skills, by the most it could be. d is how often the
            expert did it, plus half of what they did in related skills. Four times count half, so the returns
            diminish.
focus       The share of the expert's works that were in a wanted skill: Σ d/(works + 5). The 5 keep a beginner's
            single work from looking like a calling (Dirichlet smoothing; Zhai and Lafferty, TOIS 2004).
words       BM25 (Robertson and Zaragoza, "The probabilistic relevance framework", 2009) without its factor
            k1 + 1: Σ weight·rarity·t/(t + K) over the words of the brief, by the most it could be. t counts the
            expert's texts that hold the word, and K = k1·(1 - b + b·texts/average texts). Repeating a word within
            a text gains nothing, filling a text up costs nothing.
experience  works/(works + 20), a mild prior.

Rarity is BM25's inverse document frequency over the candidates, scaled to 1 for what at most one of them has.
A skill everyone has is still wanted, so a rare one counts at most double; a word everyone writes says next to
nothing. Focus and words are shares that even excellent experts rarely bring above a half, so they rise steeply
at first and still end at 1: x·(1 + h)/(x + h).

The value is the square root of the sum: nobody is the deepest, the most devoted and the best read at once, so the
sums of very good experts crowd around a half. The root spreads them over the scale and keeps their order.

A part the trip does not ask for leaves its weight to the others. Depth and focus need wanted skills; words need
one word that some candidate's texts hold, which a brief in another language may not have. Adding a wanted skill,
or doing more of one, never lowers the value while rarity stays what it is.

No order of rows matters: terms are added in the order of their keys, and candidates only as integers.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Formula:
    """The constants: textbook values and round numbers. `bench.expertise --robustness` halves and doubles each."""

    depth_weight: float = 0.3
    focus_weight: float = 0.3
    words_weight: float = 0.3
    experience_weight: float = 0.1
    depth_half: float = 4.0
    related_credit: float = 0.5
    focus_smoothing: float = 5.0
    focus_half: float = 1.0
    k1: float = 1.2
    b: float = 0.5
    words_half: float = 0.25
    experience_half: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a trip asks for, and how often each candidate has it: a row per key, a column per candidate.

    `weights` are positive, 1 for an ordinary wish. `related` counts works in the other skills of a skill's group;
    words have none.
    """

    keys: Sequence[str]
    weights: Sequence[float]
    counts: Counts
    related: Counts | None = None

    def in_order(self) -> "Asked":
        order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        return Asked(
            keys=[self.keys[row] for row in order],
            weights=[self.weights[row] for row in order],
            counts=self.counts[order],
            related=None if self.related is None else self.related[order],
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where one candidate's value comes from: points that add up to it."""

    skills: dict[str, float]
    focus: float
    words: dict[str, float]
    experience: float


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The factor of every candidate (`values`, 0 to 100) and the points it is made of."""

    skills: Sequence[str]
    words: Sequence[str]
    depth_points: Floats
    focus_points: Floats
    word_points: Floats
    experience_points: Floats

    @property
    def values(self) -> Floats:
        total = (
            self.depth_points.sum(axis=0)
            + self.focus_points
            + self.word_points.sum(axis=0)
            + self.experience_points
        )
        return np.minimum(total, 100.0)

    def evidence(self, candidate: int) -> Evidence:
        return Evidence(
            skills=_earned(self.skills, self.depth_points[:, candidate]),
            focus=float(self.focus_points[candidate]),
            words=_earned(self.words, self.word_points[:, candidate]),
            experience=float(self.experience_points[candidate]),
        )


def tally(
    keys: Sequence[str], candidates: Counts, rows: Iterable[tuple[str, Sequence[int], Sequence[int]]]
) -> Counts:
    """The counts of `Asked`, from rows of key, expert ids and counts (`array_agg … GROUP BY key`).

    `candidates` are the ids of the pool in ascending order; ids outside it and other keys are left out.
    """
    table = np.zeros((len(keys), len(candidates)), dtype=np.int64)
    row_of = {key: row for row, key in enumerate(keys)}
    for key, experts, counts in rows:
        if key in row_of and len(candidates):
            ids = np.asarray(experts)
            columns = np.minimum(np.searchsorted(candidates, ids), len(candidates) - 1)
            known = candidates[columns] == ids
            table[row_of[key], columns[known]] = np.asarray(counts)[known]
    return table


def rarity(holders: int, pool: int) -> float:
    """BM25's ln((N + 1)/(n + ½)), divided by its value for one holder; none counts as one."""
    return math.log((pool + 1) / (max(holders, 1) + 0.5)) / math.log((pool + 1) / 1.5)


def align(
    *, skills: Asked, words: Asked, works: Counts, texts: Counts, formula: Formula | None = None
) -> Alignment:
    """The expertise factor of each candidate.

    Skills count works and words count texts. `works` says how many works a candidate did in all, whatever the
    skill, `texts` how many texts of theirs were read (bio, services, reviews).
    """
    formula = formula or Formula()
    skills, words = skills.in_order(), words.in_order()
    depth_weight, focus_weight, words_weight, experience_weight = _part_weights(skills, words, formula)
    covered = _words(words, texts, formula)
    depth = depth_weight * _depth(skills, formula)
    focus = focus_weight * _focus(skills, works, formula)
    said = words_weight * covered * _lift(covered.sum(axis=0), formula.words_half)
    experience = experience_weight * _saturated(works, formula.experience_half)
    points = 100 * _stretch(depth.sum(axis=0) + focus + said.sum(axis=0) + experience)
    return Alignment(
        skills=skills.keys,
        words=words.keys,
        depth_points=points * depth,
        focus_points=points * focus,
        word_points=points * said,
        experience_points=points * experience,
    )


def _stretch(total: Floats) -> Floats:
    """The factor that makes a total its square root."""
    return 1 / np.sqrt(np.maximum(total, 1e-9))


def _part_weights(skills: Asked, words: Asked, formula: Formula) -> tuple[float, float, float, float]:
    wants_skills, finds_words = bool(skills.keys), bool(words.counts.any())
    weights = (
        formula.depth_weight * wants_skills,
        formula.focus_weight * wants_skills,
        formula.words_weight * finds_words,
        formula.experience_weight,
    )
    depth, focus, said, experience = (weight / (math.fsum(weights) or 1.0) for weight in weights)
    return depth, focus, said, experience


def _depth(skills: Asked, formula: Formula) -> Floats:
    related = 0 if skills.related is None else skills.related
    credit = _saturated(skills.counts + formula.related_credit * related, formula.depth_half)
    return _shares([1 + rare for rare in _rarities(skills)], skills, credit)


def _focus(skills: Asked, works: Counts, formula: Formula) -> Floats:
    share = np.minimum(skills.counts.sum(axis=0) / (works + formula.focus_smoothing), 1.0)
    return share * _lift(share, formula.focus_half)


def _words(words: Asked, texts: Counts, formula: Formula) -> Floats:
    average = int(texts.sum()) / max(len(texts), 1) or 1.0
    half = formula.k1 * (1 - formula.b + formula.b * texts / average)
    return _shares(_rarities(words), words, _saturated(words.counts, half))


def _rarities(asked: Asked) -> list[float]:
    pool = asked.counts.shape[1]
    return [rarity(int(holders), pool) for holders in np.count_nonzero(asked.counts, axis=1)]


def _shares(rarities: Sequence[float], asked: Asked, credit: Floats) -> Floats:
    """What each key adds to a coverage from 0 to 1."""
    weights = [weight * rare for weight, rare in zip(asked.weights, rarities, strict=True)]
    return np.array(weights)[:, np.newaxis] / (math.fsum(weights) or 1.0) * credit


def _saturated(amount: Counts | Floats, half: float | Floats) -> Floats:
    return amount / (amount + half)


def _lift(share: Floats, half: float) -> Floats:
    """The factor that lifts a share to share·(1 + half)/(share + half)."""
    return (1 + half) / (share + half)


def _earned(keys: Sequence[str], points: Floats) -> dict[str, float]:
    return {key: float(point) for key, point in zip(keys, points, strict=True) if point > 0}
