"""The full-text index over what experts did and wrote.

`Evidence` holds the texts, `ExpertTerm` their lexemes. Both are rebuilt from the rows in set-based SQL, so that one
expert and a hundred thousand go through the same statements.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from django.db import connection, transaction

from experts.models import FoldedVector

# First in whatever rewrites what was counted or indexed of experts: the next one then sees all the rows of the last.
LOCK = "SELECT FROM experts_expert WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_PROFILE = """
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT id, 'profile', id, concat_ws(E'\\n', headline, bio, nullif(background, ''), nullif(unique_value, ''))
    FROM experts_expert WHERE id = ANY(%s)
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""
_SERVICES = """
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT expert_id, 'service', id, concat_ws(E'\\n', title, description, nullif(array_to_string(includes, ', '), ''))
    FROM experts_service WHERE is_active AND expert_id = ANY(%s)
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""
_WITHDRAWN = """
    DELETE FROM experts_evidence e
    WHERE e.kind = 'service' AND e.expert_id = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM experts_service s WHERE s.id = e.source_id AND s.is_active)
"""
_FORGET = "DELETE FROM experts_expertterm WHERE expert_id = ANY(%s)"
# One expert's texts at a time: they are sorted in memory, however many experts there are.
_TERMS = """
    INSERT INTO experts_expertterm (expert_id, market_id, lexeme, texts)
    SELECT x.id, x.market_id, term.lexeme, term.texts
    FROM experts_expert x
    CROSS JOIN LATERAL (
        SELECT left(t.lexeme, 64) lexeme, count(DISTINCT e.id) texts
        FROM experts_evidence e CROSS JOIN LATERAL unnest(e.vector) t
        WHERE e.expert_id = x.id
        GROUP BY 1
    ) term
    WHERE x.id = ANY(%s)
"""
_TOTALS = """
    UPDATE experts_expert x SET
        works = (SELECT coalesce(sum(s.depth), 0) FROM experts_expertspecialty s WHERE s.expert_id = x.id),
        texts = (SELECT count(*) FROM experts_evidence e WHERE e.expert_id = x.id)
    WHERE x.id = ANY(%s)
"""
# The other changes reach the listing by themselves (experts.listings); its texts are these.
_LISTING = "SELECT experts_list(%s, true)"


@transaction.atomic
def reindex(expert_ids: Iterable[int]) -> None:
    """Bring evidence, terms, totals and listing of these experts in line with their rows. Call it after any change."""
    ids = sorted(set(expert_ids))
    with connection.cursor() as cursor:
        for statement in (LOCK, _PROFILE, _SERVICES, _WITHDRAWN, _FORGET, _TERMS, _TOTALS, _LISTING):
            cursor.execute(statement, [ids])


_REPRICE = """
    SELECT experts_list(ARRAY(
        SELECT l.expert_id FROM experts_listing l JOIN experts_expert x ON x.id = l.expert_id
        LEFT JOIN markets_exchangerate e ON e.currency = x.currency
        WHERE l.price IS DISTINCT FROM coalesce(round(100 * x.price_min / e.per_usd)::bigint, 1000000000000000)
    ), false)
"""


def reprice() -> None:
    """Bring the listed prices in line with today's exchange rates."""
    with connection.cursor() as cursor:
        cursor.execute(_REPRICE)


_LEXEMES = f"""
    SELECT ARRAY(SELECT left(lexeme, 64) FROM unnest({FoldedVector.template % {"expressions": "t.text"}}) ORDER BY 1)
    FROM unnest(%s::text[]) WITH ORDINALITY t(text, position) ORDER BY position
"""  # noqa: S608  # the one part put in is a constant
# The best text of each expert first, then one excerpt of it: making excerpts is the costly part.
_QUOTES = f"""
    SELECT expert_id, kind, source_id, text,
        ts_headline('english', {FoldedVector.folded % {"expressions": "text"}}, query,
            'StartSel="", StopSel="", MaxWords=28, MinWords=12')
    FROM (
        SELECT DISTINCT ON (expert_id) expert_id, kind, source_id, text, query
        FROM experts_evidence, CAST(%s AS tsquery) query
        WHERE expert_id = ANY(%s) AND vector @@ query
        ORDER BY expert_id, ts_rank(vector, query) DESC, id
    ) best
"""  # noqa: S608  # the one part put in is a constant


def lexemes(texts: Sequence[str]) -> list[list[str]]:
    """The distinct lexemes of each text, sorted; the same extraction as the index uses."""
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(texts)])
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Quote:
    kind: str  # an Evidence.Kind
    source_id: int
    text: str


def quotes(expert_ids: Iterable[int], words: Sequence[str]) -> dict[int, Quote]:
    """For each expert the passage that holds most of the lexemes in `words`; none where no text holds any."""
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_QUOTES, [_any_of(words), list(expert_ids)])
        return {
            expert: Quote(kind, source, _as_written(excerpt, text))
            for expert, kind, source, text, excerpt in cursor.fetchall()
        }


_PASSAGES = """
    SELECT expert_id, kind, text
    FROM (
        SELECT e.expert_id, e.kind, e.text,
            row_number() OVER (PARTITION BY e.expert_id, e.kind ORDER BY ts_rank(e.vector, query) DESC, e.id) AS place
        FROM experts_evidence e, CAST(%s AS tsquery) query
        WHERE e.expert_id = ANY(%s)
    ) best
    WHERE place <= %s
    ORDER BY expert_id, kind, place
"""


def passages(
    expert_ids: Iterable[int], words: Sequence[str], *, each: int
) -> dict[int, list[tuple[str, str]]]:
    """For each expert their texts as pairs of kind and text: `each` of a kind, those that hold most of the lexemes."""
    found: dict[int, list[tuple[str, str]]] = {expert: [] for expert in expert_ids}
    with connection.cursor() as cursor:
        cursor.execute(_PASSAGES, [_any_of(words), list(found), each])
        for expert, kind, text in cursor.fetchall():
            found[expert].append((kind, text))
    return found


def _any_of(words: Sequence[str]) -> str:
    """A query in Postgres' own spelling."""
    return " | ".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words)


def _as_written(excerpt: str, text: str) -> str:
    """The part of the text that the excerpt of its folded form came from, with its accents."""
    if text.isascii():
        return excerpt
    folded = [_fold(character) for character in text]
    begins = list(accumulate(map(len, folded), initial=0))
    first = "".join(folded).find(excerpt)
    if first < 0:  # ts_headline leaves out what it takes for a tag
        return excerpt
    return text[bisect_right(begins, first) - 1 : bisect_left(begins, first + len(excerpt))]


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """As `FoldedVector.folded` does it."""
    return "".join(
        part for part in unicodedata.normalize("NFKD", character) if not "\u0300" <= part <= "\u036f"
    )
