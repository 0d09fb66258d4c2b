"""What an expert's recent guests rate highest and speak of: for the profile, and for the evidence of a ranking.

Read are the published reviews of the last six months, the ten newest of them. Each of the five sub-ratings is a theme.
Its strength is the mean of its stars plus the share of those reviews whose text mentions it: a theme that everybody
speaks of stands a whole star higher than one that nobody does. The three strongest are an expert's themes; between
equals the order of SUB_RATINGS decides.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from experts.models import SUB_RATINGS

NEWEST = 10
TOP = 3
# How words about each theme begin, in the languages of the site.
STEMS = {
    "communication": "communicat explain told speak spoke listen clear english kommuni erklär sprach sprich zuhör",
    "knowledge": "know knew knowledge expert history insight stories story learn wissen kennt kannte kenn geschicht",
    "value": "value price worth cheap expensive money cost fair preis wert günstig teuer geld",
    "flexibility": "flexib adapt adjust chang spontan rearrang patien anpass geduld umgeplant",
    "responsiveness": "respon answer repl quick prompt fast immediate antwort schnell sofort prompt",
}
_MENTIONS = {
    name: re.compile(rf"\b(?:{'|'.join(stems.split())})", re.IGNORECASE) for name, stems in STEMS.items()
}
# The reviews of one expert that count, and what is read of them.
RECENT = f"""
    SELECT text, {", ".join(SUB_RATINGS)} FROM bookings_review
    WHERE expert_id = {{expert}} AND state = 'published' AND published_at > now() - interval '6 months'
    ORDER BY published_at DESC, id DESC LIMIT {NEWEST}
"""  # noqa: S608  # what is put in are names of columns and a number
_OF_EXPERTS = f"""
    SELECT chosen.expert, r.* FROM unnest(%s::bigint[]) AS chosen(expert)
    CROSS JOIN LATERAL ({RECENT.format(expert="chosen.expert")}) r
"""  # noqa: S608

Said = tuple[str, Sequence[int]]  # a text, and the stars in the order of SUB_RATINGS


@dataclass(frozen=True)
class Theme:
    name: str  # one of SUB_RATINGS
    mean: float  # of its stars, 1 to 5
    mentions: int  # how many of the reviews speak of it
    reviews: int  # how many were read

    @property
    def strength(self) -> float:
        return self.mean + self.mentions / self.reviews

    @property
    def label(self) -> str:
        return labels()[self.name]


def labels() -> dict[str, str]:
    words = [_("Communication"), _("Knowledge"), _("Value"), _("Flexibility"), _("Responsiveness")]
    return dict(zip(SUB_RATINGS, words, strict=True))


def of(expert_ids: Iterable[int]) -> dict[int, list[Theme]]:
    """The themes of each of these experts, strongest first, in one query; no entry without a recent review."""
    said: dict[int, list[Said]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_EXPERTS, [list(expert_ids)])
        for expert, text, *ratings in cursor.fetchall():
            said.setdefault(expert, []).append((text, ratings))
    return {expert: top(reviews) for expert, reviews in said.items()}


def top(reviews: Sequence[Said]) -> list[Theme]:
    """The themes of these reviews, as they are defined above."""
    if not reviews:
        return []
    return sorted(_themes(reviews), key=lambda theme: -theme.strength)[:TOP]


def _themes(reviews: Sequence[Said]) -> list[Theme]:
    return [
        Theme(
            name=name,
            mean=fmean(ratings[place] for _text, ratings in reviews),
            mentions=sum(name in _mentioned(text) for text, _ratings in reviews),
            reviews=len(reviews),
        )
        for place, name in enumerate(SUB_RATINGS)
    ]


@lru_cache(maxsize=4096)
def _mentioned(text: str) -> frozenset[str]:
    """A market's trips ask about the same reviews again and again."""
    return frozenset(name for name in SUB_RATINGS if _MENTIONS[name].search(text))


def facts(themes: Sequence[Theme]) -> list[dict[str, Any]]:
    """As a receipt stores them."""
    return [
        {"name": one.name, "mean": round(one.mean, 2), "mentions": one.mentions, "reviews": one.reviews}
        for one in themes
    ]
