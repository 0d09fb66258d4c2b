"""The full-text index over what experts did and wrote.

`Evidence` holds the texts, `ExpertTerm` their lexemes. Both are rebuilt from the rows in set-based SQL, so that one
expert and a hundred thousand go through the same statements.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from experts.models import Evidence

# Postgres ships no unaccent here: decomposing and dropping the combining marks does the same.
_FOLDED = "regexp_replace(normalize({text}, NFKD), '[\u0300-\u036f]', '', 'g')"
_VECTOR = f"to_tsvector('english', {_FOLDED})"

_PROFILE = """
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT id, 'profile', id, concat_ws(E'\\n', headline, bio, background, unique_value)
    FROM experts_expert WHERE id = ANY(%s)
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""
_SERVICES = """
    INSERT INTO experts_evidence (expert_id, kind, source_id, text)
    SELECT expert_id, 'service', id, concat_ws(E'\\n', title, description, array_to_string(includes, ', '))
    FROM experts_service WHERE is_active AND expert_id = ANY(%s)
    ON CONFLICT (expert_id, kind, source_id) DO UPDATE SET text = excluded.text
"""
_WITHDRAWN = """
    DELETE FROM experts_evidence e
    WHERE e.kind = 'service' AND e.expert_id = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM experts_service s WHERE s.id = e.source_id AND s.is_active)
"""
_FORGET = "DELETE FROM experts_expertterm WHERE expert_id = ANY(%s)"
_TERMS = f"""
    INSERT INTO experts_expertterm (expert_id, market_id, lexeme, texts)
    SELECT x.id, x.market_id, left(t.lexeme, 64), count(DISTINCT e.id)
    FROM experts_expert x
    JOIN experts_evidence e ON e.expert_id = x.id
    CROSS JOIN LATERAL unnest({_VECTOR.format(text="e.text")}) t
    WHERE x.id = ANY(%s)
    GROUP BY 1, 2, 3
"""  # noqa: S608  # the parts are constants of this module
_TOTALS = """
    UPDATE experts_expert x SET
        works = (SELECT coalesce(sum(s.depth), 0) FROM experts_expertspecialty s WHERE s.expert_id = x.id),
        texts = (SELECT count(*) FROM experts_evidence e WHERE e.expert_id = x.id)
    WHERE x.id = ANY(%s)
"""


@transaction.atomic
def reindex(expert_ids: Iterable[int]) -> None:
    """Bring evidence, terms and totals of these experts in line with their rows. Call it after any change of them."""
    ids = sorted(set(expert_ids))
    with connection.cursor() as cursor:
        for statement in (_PROFILE, _SERVICES, _WITHDRAWN, _FORGET, _TERMS, _TOTALS):
            cursor.execute(statement, [ids])


def put_review(*, expert_id: int, review_id: int, text: str) -> None:
    """Keep a published review as evidence; `reindex` the expert afterwards."""
    Evidence.objects.update_or_create(
        expert_id=expert_id, kind=Evidence.Kind.REVIEW, source_id=review_id, defaults={"text": text}
    )


def lexemes(texts: Sequence[str]) -> list[list[str]]:
    """The distinct lexemes of each text, sorted; the same extraction as the index uses."""
    if not texts:
        return []
    sql = f"""
        SELECT coalesce(
            (SELECT array_agg(left(lexeme, 64) ORDER BY lexeme) FROM unnest({_VECTOR.format(text="t.text")})), '{{}}'
        ) FROM unnest(%s::text[]) WITH ORDINALITY t(text, n) ORDER BY n
    """  # noqa: S608  # the parts are constants of this module
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(texts)])
        return [row[0] for row in cursor.fetchall()]
