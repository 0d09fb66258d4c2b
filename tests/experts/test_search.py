"""The index over what experts did and wrote."""

import re
from datetime import date

import pytest

from experts import search
from experts.models import Expert, ExpertTerm
from experts.search import reindex
from matching import engine
from tests.factories import make_expert, make_market, make_review, make_service, make_trip

pytestmark = pytest.mark.django_db


def terms(expert):
    return dict(ExpertTerm.objects.filter(expert=expert).values_list("lexeme", "texts"))


def quote(expert, *words):
    found = search.quotes([expert.pk], search.lexemes([" ".join(words)])[0])
    return found[expert.pk] if found else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Crêperie à l'été", ["creperi", "ete", "l"]),
        ("Potters at their kilns", ["kiln", "potter"]),
        ("the and of", []),
        ("", []),
        ("TEA tea Tea", ["tea"]),
        ("Çay & baklava, İzmir", ["baklava", "cay", "izmir"]),
        ("ラーメン", ["ラーメン"]),
        ("مدينة", ["مدينة"]),
        ("<b>bold</b> 🍜", ["bold", "🍜"]),
        ("x" * 100, ["x" * 64]),
    ],
)
def test_words_become_lexemes_without_accents_and_case(text, found):
    assert search.lexemes([text]) == [found]


def test_lexemes_keep_the_order_of_the_texts():
    assert search.lexemes(["wine", "", "tea"]) == [["wine"], [], ["tea"]]
    assert search.lexemes([]) == []


def test_accents_do_not_matter_on_either_side():
    expert = make_expert(bio="Les meilleures crêpes de Saint-Malo.")
    assert terms(expert)["crepe"] == 1
    assert quote(expert, "crepes").source_id == expert.pk


def test_a_term_counts_the_texts_that_hold_it_not_how_often():
    expert = make_expert(bio="Tea, tea and more tea.")
    make_service(expert, title="A tea ceremony", description="We drink.")
    make_review(expert, text="We loved the noodles.")
    assert (terms(expert)["tea"], terms(expert)["noodl"]) == (2, 1)
    expert.refresh_from_db()
    assert expert.texts == 3


def test_works_are_the_sum_of_depths():
    expert = make_expert(specialties={"street-food": 4, "day-hikes": 7})
    assert expert.works == 11
    expert.specialties.get(specialty__slug="day-hikes").delete()
    reindex([expert.pk])
    expert.refresh_from_db()
    assert expert.works == 4


def test_everything_in_profile_and_services_is_read():
    expert = make_expert(
        headline="Headword", bio="Bioword", background="Backword", unique_value="Uniqueword", reindex=False
    )
    make_service(expert, title="Titleword", description="Descword", includes=["Includeword"])
    reindex([expert.pk])
    words = {"headword", "bioword", "backword", "uniqueword", "titleword", "descword", "includeword"}
    assert words <= set(terms(expert))


def test_a_withdrawn_service_is_forgotten():
    expert = make_expert()
    service = make_service(expert, title="Falconry morning")
    reindex([expert.pk])
    assert "falconri" in terms(expert)
    service.is_active = False
    service.save(update_fields=["is_active"])
    reindex([expert.pk])
    assert "falconri" not in terms(expert)
    assert quote(expert, "falconry") is None


def test_a_deleted_service_is_forgotten():
    expert = make_expert()
    make_service(expert, title="Falconry morning").delete()
    reindex([expert.pk])
    assert expert.evidence.filter(kind="service").count() == 0


def test_an_expert_who_moves_takes_the_terms_along():
    expert = make_expert(bio="Falconry.")
    expert.market = make_market("Lisbon")
    expert.save()
    reindex([expert.pk])
    assert set(expert.terms.values_list("market", flat=True)) == {expert.market_id}


def test_reindexing_one_leaves_others_alone_and_twice_is_as_once():
    expert, other = make_expert(), make_expert(bio="Falconry.")
    before = terms(expert), terms(other)
    reindex([expert.pk, expert.pk])
    assert (terms(expert), terms(other)) == before


def test_a_quote_is_a_passage_of_the_source():
    text = (
        " ".join(f"word{number}" for number in range(200)) + " and then falconry with an eagle at the lake."
    )
    expert = make_expert()
    service = make_service(expert, title="A morning", description=text)
    reindex([expert.pk])
    found = quote(expert, "eagle", "falconry")
    assert (found.kind, found.source_id) == ("service", service.pk)
    assert found.text in text
    assert re.search("falconry with an eagle", found.text)


def test_a_quote_of_an_accented_word_holds_that_word():
    text = " ".join(f"mot{number}" for number in range(200)) + " puis une crêperie près du port."
    expert = make_expert(bio=text)
    found = quote(expert, "creperie").text
    assert "une crêperie près du port." in found
    assert found in text


def test_the_passage_that_holds_most_is_quoted():
    expert = make_expert(bio="An eagle.")
    make_review(expert, text="Falconry with an eagle by the lake, and eagles again.")
    assert quote(expert, "eagle", "falconry", "lake").kind == "review"


def test_nobody_is_quoted_who_wrote_none_of_the_words():
    expert, other = make_expert(bio="Falconry."), make_expert(bio="Noodles.")
    assert list(search.quotes([expert.pk, other.pk], ["falconri"])) == [expert.pk]
    assert search.quotes([expert.pk], []) == {}
    assert search.quotes([], ["falconri"]) == {}


@pytest.mark.parametrize(
    "word", ["o'clock", "back\\slash", "a & b", "x | !y", "':*'", "%s", 'quote"s', "<->"]
)
def test_words_are_never_read_as_a_query(word):
    expert = make_expert(bio="Falconry.")
    assert search.quotes([expert.pk], [word]) == {}


@pytest.mark.parametrize(
    "delete",
    [
        lambda expert: expert.delete(),
        lambda expert: Expert.objects.filter(pk=expert.pk).delete(),
        lambda expert: expert.user.delete(),
    ],
    ids=["expert", "query", "account"],
)
def test_an_expert_who_leaves_takes_their_words_along(delete):
    expert, other = make_expert(bio="Kayaking at dawn."), make_expert(bio="Kayaking at dusk.")
    delete(expert)
    assert set(ExpertTerm.objects.values_list("expert_id", flat=True)) == {other.pk}


def scores(trip):
    ranking = engine.rank(trip, today=date(2027, 1, 1))
    return dict(zip(ranking.pool.ids.tolist(), ranking.scores.tolist(), strict=True))


def test_words_of_nobody_change_no_ranking():
    """No key of theirs is checked in the database: should a row be left behind, it says nothing."""
    market = make_market()
    make_expert(market, bio="Kayaking at dawn.")
    trip = make_trip(market, brief="Kayaking, please.")
    before = scores(trip)
    ExpertTerm.objects.create(expert_id=10**12, market=market, lexeme="kayak", texts=9)
    assert scores(trip) == before


@pytest.mark.parametrize("size", [1, 3])
def test_reindexing_takes_as_many_statements_for_one_as_for_many(size, django_assert_num_queries):
    experts = [make_expert(reindex=False).pk for _ in range(size)]
    with django_assert_num_queries(10):
        reindex(experts)
