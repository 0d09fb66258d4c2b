import json

import numpy as np
import pytest

from bench import expertise

EXPERTS = [
    {"id": "a", "answers": 30, "specialties": {"visas": 9}, "text": "Ask the embassy.\nBring a passport."},
    {
        "id": "b",
        "answers": 12,
        "specialties": {"trains": 8},
        "text": "The sleeper to Málaga.\nTake night trains.",
    },
    {"id": "c", "answers": 12, "specialties": {"trains": 1}, "text": "No idea.\nAsk at the counter."},
]
REQUESTS = [
    {"interests": ["trains"], "title": "Malaga by rail", "brief": "", "asker": None, "expert_id": "b"},
    {"interests": ["visas"], "title": "Passport", "brief": "Embassies?", "asker": "a", "expert_id": "c"},
]


@pytest.fixture
def data(tmp_path):
    for name, rows in (("experts", EXPERTS), ("requests", REQUESTS)):
        (tmp_path / f"{name}.jsonl").write_text(
            "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        )
    return tmp_path


def test_the_formula_is_measured_beside_three_baselines(data, capsys):
    assert expertise.main(["--data", str(data), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert list(results) == ["popularity", "tag idf", "BM25", "expertise"]
    # b shares the second place of the first request, c the first of the other: its asker, who leads, is left out.
    assert results["popularity"] == {"mrr": 0.533, "hit_at_5": 1.0}
    assert results["expertise"]["mrr"] > results["popularity"]["mrr"]


def test_the_table_is_followed_by_the_same_figures_as_json(data, capsys):
    expertise.main(["--data", str(data)])
    *table, figures = capsys.readouterr().out.splitlines()
    assert [line.split()[-2:] for line in table[2:]] == [
        [f"{each['mrr']:.3f}", f"{each['hit_at_5']:.3f}"] for each in json.loads(figures)["results"].values()
    ]


def test_accents_are_ignored(data):
    with expertise.throwaway_database() as connection:
        pool = expertise.read_pool(connection, EXPERTS)
    assert pool.texts["malaga"].tolist() == [0, 1, 0]


def test_a_missing_folder_is_said_clearly(tmp_path, capsys):
    assert expertise.main(["--data", str(tmp_path / "nowhere")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_ties_are_counted_at_their_middle_rank_and_the_asker_not_at_all():
    scores = np.array([5.0, 3.0, 3.0, 3.0, 1.0])
    assert expertise.middle_rank(scores, wanted=1, asker=None) == 3
    assert expertise.middle_rank(scores, wanted=1, asker=0) == 2
