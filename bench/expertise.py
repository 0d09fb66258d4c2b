"""Do the people who really answered a travel question come out on top of the expertise factor?

    python -m bench.expertise --data DIR [--json] [--robustness]

DIR holds `experts.jsonl` and `requests.jsonl`. Every expert is ranked for every request by the product's own
formula over the lexemes Postgres finds, and beside it by three plain baselines. Measured is the rank of the person
whose answer was accepted, the asker left out and ties at their middle rank: the mean of its reciprocal, and how
often it is among the first five.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from config.local import postgres, services
from experts.models import FoldedVector
from matching import expertise
from matching.expertise import Asked, Counts, Floats, Formula


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The experts: `depth`, `texts` and `occurrences` hold a row over all of them for a skill or a lexeme."""

    ids: Sequence[str]
    works: Counts
    texts_written: Counts
    words_written: Counts
    depth: Mapping[str, Counts]
    texts: Mapping[str, Counts]
    occurrences: Mapping[str, Counts]

    def counts(self, table: Mapping[str, Counts], keys: Sequence[str]) -> Counts:
        rows = [table.get(key, np.zeros(len(self.ids), dtype=np.int64)) for key in keys]
        return np.array(rows, dtype=np.int64).reshape(len(keys), len(self.ids))


@dataclass(frozen=True, slots=True)
class Request:
    skills: Sequence[str]
    words: Mapping[str, int]  # in how many of interests, title and brief
    wanted: int
    asker: int | None


Ranker = Callable[[Pool, Request], Floats]


def by_popularity(pool: Pool, _request: Request) -> Floats:
    return pool.works.astype(np.float64)


def by_tag_idf(pool: Pool, request: Request) -> Floats:
    """Σ log(1 + count)·log(N/n) over the request's interests."""
    depth = pool.counts(pool.depth, request.skills)
    holders = np.maximum(np.count_nonzero(depth, axis=1), 1)
    return np.asarray((np.log1p(depth) * np.log(len(pool.ids) / holders)[:, np.newaxis]).sum(axis=0))


def by_bm25(pool: Pool, request: Request) -> Floats:
    """Okapi BM25, k1 1.2 and b 0.75: each expert's texts as one document, the request's words as the query."""
    counts = pool.counts(pool.occurrences, sorted(request.words))
    length = pool.words_written / pool.words_written.mean()
    holders = np.count_nonzero(counts, axis=1)
    idf = np.log((len(pool.ids) + 1) / (holders + 0.5))[:, np.newaxis]
    return np.asarray((idf * counts / (counts + 1.2 * (0.25 + 0.75 * length))).sum(axis=0))


def by_expertise(pool: Pool, request: Request, formula: Formula | None = None) -> Floats:
    words = sorted(request.words)
    return expertise.align(
        skills=Asked(request.skills, [1.0] * len(request.skills), pool.counts(pool.depth, request.skills)),
        words=Asked(words, [float(request.words[word]) for word in words], pool.counts(pool.texts, words)),
        works=pool.works,
        texts=pool.texts_written,
        formula=formula,
    ).values


RANKERS: dict[str, Ranker] = {
    "popularity": by_popularity,
    "tag idf": by_tag_idf,
    "BM25": by_bm25,
    "expertise": by_expertise,
}


@dataclass(frozen=True, slots=True)
class Quality:
    mrr: float
    hit_at_5: float

    @classmethod
    def of(cls, ranks: Floats) -> "Quality":
        return cls(mrr=round(float((1 / ranks).mean()), 3), hit_at_5=round(float((ranks <= 5).mean()), 3))


def middle_rank(scores: Floats, wanted: int, asker: int | None) -> float:
    others = np.delete(scores, [wanted] if asker is None else [wanted, asker])
    return 1 + np.count_nonzero(others > scores[wanted]) + np.count_nonzero(others == scores[wanted]) / 2


def ranks(ranker: Ranker, pool: Pool, requests: Sequence[Request]) -> Floats:
    return np.array([middle_rank(ranker(pool, each), each.wanted, each.asker) for each in requests])


def robustness(pool: Pool, requests: Sequence[Request]) -> dict[str, Quality]:
    """The formula on the earlier and the later half, and with each constant halved and doubled."""
    everything = ranks(by_expertise, pool, requests)
    half = len(requests) // 2
    found = {"earlier half": Quality.of(everything[:half]), "later half": Quality.of(everything[half:])}
    for name, value in asdict(Formula()).items():
        for factor in (0.5, 2):
            varied = replace(Formula(), **{name: value * factor})
            found[f"{name} x{factor}"] = Quality.of(
                ranks(partial(by_expertise, formula=varied), pool, requests)
            )
    return found


@contextmanager
def throwaway_database() -> Iterator[psycopg.Connection]:
    with services.throwaway([postgres]) as local, psycopg.connect(local.database_url()) as connection:
        yield connection


INDEX = f"""
    SELECT lexeme, array_agg(owner), array_agg(texts), array_agg(occurrences) FROM (
        SELECT owner, lexeme, count(*) AS texts, sum(cardinality(positions)) AS occurrences
        FROM text, unnest({FoldedVector.template % {"expressions": "body"}})
        GROUP BY owner, lexeme
    ) AS term GROUP BY lexeme
"""  # noqa: S608  # the parts are constants
Index = list[tuple[str, list[int], list[int], list[int]]]


def lexemes(connection: psycopg.Connection, texts: Sequence[tuple[int, str]]) -> Index:
    """The inverted index of the texts: a lexeme, its owners, and for each how many texts hold it, and how often."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE text (owner int, body text) ON COMMIT DROP")
        with cursor.copy("COPY text FROM STDIN") as copy:
            for row in texts:
                copy.write_row(row)
        return cursor.execute(INDEX).fetchall()


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_pool(connection: psycopg.Connection, people: Sequence[dict[str, Any]]) -> Pool:
    everyone = np.arange(len(people))
    skills = sorted({skill for one in people for skill in one["specialties"]})
    texts = [(place, line) for place, one in enumerate(people) for line in one["text"].split("\n")]
    index = lexemes(connection, texts)
    keys = [lexeme for lexeme, *_ in index]
    holding = expertise.tally(keys, everyone, [(key, owners, texts) for key, owners, texts, _ in index])
    occurring = expertise.tally(keys, everyone, [(key, owners, times) for key, owners, _, times in index])
    return Pool(
        ids=[one["id"] for one in people],
        works=np.array([one["answers"] for one in people]),
        texts_written=np.bincount([owner for owner, _ in texts], minlength=len(people)),
        words_written=occurring.sum(axis=0),
        depth={skill: np.array([one["specialties"].get(skill, 0) for one in people]) for skill in skills},
        texts=dict(zip(keys, holding, strict=True)),
        occurrences=dict(zip(keys, occurring, strict=True)),
    )


def read_requests(
    connection: psycopg.Connection, questions: Sequence[dict[str, Any]], ids: Sequence[str]
) -> list[Request]:
    fields = [
        (place, field)
        for place, one in enumerate(questions)
        for field in (" ".join(one["interests"]).replace("-", " "), one["title"], one["brief"])
    ]
    words: list[dict[str, int]] = [{} for _ in questions]
    for lexeme, owners, texts, _ in lexemes(connection, fields):
        for owner, count in zip(owners, texts, strict=True):
            words[owner][lexeme] = count
    place_of = {expert: place for place, expert in enumerate(ids)}
    return [
        Request(one["interests"], said, place_of[one["expert_id"]], place_of.get(one["asker"]))
        for one, said in zip(questions, words, strict=True)
    ]


def table(results: Mapping[str, Quality]) -> str:
    rows = [f"{name:28}{quality.mrr:8.3f}{quality.hit_at_5:8.3f}" for name, quality in results.items()]
    return "\n".join([f"{'':28}{'MRR':>8}{'hit@5':>8}", *rows])


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.expertise", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of experts.jsonl and requests.jsonl")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    parser.add_argument(
        "--robustness", action="store_true", help="also each half in time, and each constant x0.5 and x2"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    files = [options.data / "experts.jsonl", options.data / "requests.jsonl"]
    if missing := [str(file) for file in files if not file.is_file()]:
        print(f"No such file: {', '.join(missing)}. --data takes the folder of the two.", file=sys.stderr)
        return 2
    people, questions = map(read_lines, files)
    with throwaway_database() as connection:
        pool = read_pool(connection, people)
        requests = read_requests(connection, questions, pool.ids)
    results = {name: Quality.of(ranks(ranker, pool, requests)) for name, ranker in RANKERS.items()}
    varied = robustness(pool, requests) if options.robustness else {}
    if not options.json:
        print(f"{len(requests)} requests, {len(pool.ids)} experts\n{table(results | varied)}")
    print(
        json.dumps(
            {
                "experts": len(pool.ids),
                "requests": len(requests),
                "results": {name: asdict(quality) for name, quality in results.items()},
                **({"robustness": {name: asdict(q) for name, q in varied.items()}} if varied else {}),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
