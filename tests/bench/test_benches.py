"""The benches measure what they say, on a small scale, and tell plainly when they cannot."""

import json
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from bench import __main__ as bench
from bench import cities, expertise, pages, ranking, shape, social
from matching import services
from matching.expertise import Formula
from matching.models import MatchScore
from tests.factories import make_expert, make_market, make_trip, make_user

SCRIPTS = {
    "bench_good": "import json, os; print(json.dumps({'url': os.environ['DATABASE_URL'], 'ms': 1.5}))",
    "bench_bad": "raise SystemExit('one\\nNo such file: experts.jsonl')",
    "bench_mute": "raise SystemExit(3)",
}


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Benches of our own, on servers that are not started."""
    for name, code in SCRIPTS.items():
        (tmp_path / f"{name}.py").write_text(code)

    @contextmanager
    def none():
        yield SimpleNamespace(database_url=lambda: "postgres://of-its-own", redis_url="redis://of-its-own")

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(bench, "throwaway", none)
    monkeypatch.setattr(bench, "BENCHES", {f"{name[6:]} 10": [name] for name in SCRIPTS})


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("bench_good", {"url": "postgres://of-its-own", "ms": 1.5}),
        ("bench_bad", {"failed": ["No such file: experts.jsonl"]}),
        ("bench_mute", {"failed": ["exit 3"]}),
    ],
)
def test_a_bench_runs_on_servers_of_its_own_and_says_why_it_failed(scripts, name, result):
    assert bench.run([name]) == result


def test_chosen_benches_print_a_table_for_people_and_json_for_machines(scripts, capsys):
    assert bench.main(["good"]) == 0
    printed = capsys.readouterr()
    assert list(json.loads(printed.out)) == ["good 10"]
    assert printed.err.splitlines()[0] == "good 10 …"
    assert any(line.split() == ["ms", "1.5"] for line in printed.err.splitlines())


def test_one_failure_fails_the_whole_and_the_others_are_told(scripts, capsys):
    assert bench.main([]) == 1
    results = json.loads(capsys.readouterr().out)
    assert [("failed" in result) for result in results.values()] == [False, True, True]


def test_every_bench_is_a_module_that_is_there():
    assert [command for command in bench.BENCHES.values() if find_spec(command[0]) is None] == []


@pytest.fixture
def asked():
    """A run for a trip into a market of three."""
    market = make_market()
    for depth in (1, 5, 9):
        make_expert(market, specialties={"street-food": depth})
    run = services.request_match(make_trip(market, traveler=make_user(), interests=["street-food"]))
    return ranking._asked(run.trip)


@pytest.mark.django_db
def test_a_ranking_is_measured_in_time_queries_and_memory(asked, django_assert_num_queries):
    counted = ranking._queries(asked)
    with django_assert_num_queries(counted):
        ranking._milliseconds(asked)
    assert ranking._milliseconds(asked) > 0
    assert ranking._peak_megabytes(asked) < 50
    assert not MatchScore.objects.exists()


@pytest.mark.django_db
def test_storing_is_measured_apart_and_stores(asked):
    assert ranking._store_milliseconds(asked) > 0
    assert MatchScore.objects.filter(run=asked).count() == 3


@pytest.mark.django_db
def test_a_page_is_measured_by_what_it_really_does(client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(pages, "REQUESTS", 2)
    url = make_expert().get_absolute_url()
    found = pages._page(client, url)
    for view, prepare in pages.VIEWS.items():
        prepare()
        with django_assert_num_queries(found[f"{view}_queries"]):
            response = client.get(url)
        assert found["bytes"] == len(response.content)
        assert found[f"{view}_cpu_ms"] >= found[f"{view}_least_cpu_ms"] > 0
        assert found[f"{view}_calls"] > 1000
    assert found["again_calls"] < found["first_calls"] < found["cold_calls"]
    assert found["again_queries"] < found["first_queries"] == found["cold_queries"]


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_not_measured(client):
    with pytest.raises(AssertionError, match="404"):
        pages._page(client, "/experts/nobody/")


@pytest.mark.django_db
def test_the_page_measured_is_a_full_one(asked):
    with pytest.raises(SystemExit, match="No demo trip has five experts"):
        pages._matched_trip()
    for _ in range(2):
        make_expert(asked.trip.destination)
    assert pages._matched_trip() == asked.trip


@pytest.mark.django_db
def test_the_city_search_is_measured_for_all_beginnings(monkeypatch):
    for name in ("Kyoto", "Kyiv", "Lima"):
        make_market(name)
    assert [cities._prefixes(length) for length in (1, 2)] == [["k", "l"], ["ky", "li"]]
    assert cities._prefixes(3) == []  # fewer than ten names begin with any three letters
    found = cities._figures(2)
    assert found["2_prefixes"] == 2
    assert 0 < found["2_p50_ms"] <= found["2_max_ms"]


POOL = expertise.Pool(
    ids=["a", "b", "c"],
    works=np.array([9, 4, 1]),
    texts_written=np.array([3, 2, 1]),
    words_written=np.array([30, 20, 10]),
    depth={"visas": np.array([3, 0, 0]), "trains": np.array([1, 4, 1])},
    texts={"rail": np.array([0, 2, 1])},
    occurrences={"rail": np.array([0, 3, 3]), "visa": np.array([5, 0, 0])},
)
ASKED = expertise.Request(skills=["visas", "trains"], words={"rail": 1, "unheard": 2}, wanted=1, asker=None)


@pytest.mark.parametrize(
    ("ranker", "order"),
    [
        (expertise.by_popularity, "abc"),
        (expertise.by_tag_idf, "abc"),  # that everybody has been on trains tells nothing
        (expertise.by_bm25, "cba"),  # as often as b, in half as many words
        (expertise.by_expertise, "bac"),
    ],
)
def test_each_ranker_orders_by_its_own_measure(ranker, order):
    scores = ranker(POOL, ASKED)
    assert "".join(POOL.ids[place] for place in np.argsort(-scores, kind="stable")) == order


def test_a_rank_counts_by_its_reciprocal_and_within_five():
    found = expertise.Quality.of(np.array([1, 2, 5.0, 5.5]))
    assert (found.mrr, found.hit_at_5) == (round((1 + 1 / 2 + 1 / 5 + 1 / 5.5) / 4, 3), 0.75)


def test_robustness_varies_each_constant_both_ways():
    found = expertise.robustness(POOL, [ASKED, ASKED])
    constants = list(Formula.__slots__)
    assert len(found) == 2 + 2 * len(constants)
    assert set(found) >= {"earlier half", "later half", *(f"{name} x0.5" for name in constants)}


def test_the_shape_is_that_of_every_module_but_migrations(monkeypatch):
    monkeypatch.setattr(shape, "read", str)
    paths = set(shape.modules())
    assert {"matching/engine.py", "tests/conftest.py", "bench/shape.py"} <= paths
    assert [path for path in paths if "/migrations/" in str(path)] == []


@pytest.mark.django_db
def test_rounds_of_monitoring_are_measured_with_all_that_comes_of_them():
    found = social.measure(2, 120)
    assert (found["markets"], found["posts"], found["done"]) == (2, 240, 4)
    assert found["trends"] > 0
    assert found["leads"] > 0
    least, most = map(int, found["queries_a_round"].split("-"))
    assert most - least <= 6
