"""The index of texts against any text at all, and the taxonomy's words against any sentence."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.utils.text import slugify
from hypothesis import given, settings
from hypothesis import strategies as st

from experts import search, taxonomy
from experts.models import FoldedVector, Specialty
from tests.factories import make_expert, make_review, make_service

words = st.sampled_from(
    ["kiln", "crêpe", "jardin", "ﬁsh", "Łódź", "İzmir", "각", "مدينة", "<b>", "🎏", "e\u0301", "ß"]
)
texts = st.lists(words, min_size=1, max_size=60).map(" ".join)
anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)
SLUGS = {entry.slug for entry in taxonomy.entries()}


def folded_by_postgres(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + FoldedVector.folded % {"expressions": "%s"}, [text])
        return cursor.fetchone()[0]


@given(st.characters(codec="utf-8", exclude_characters="\0"))
@settings(max_examples=60)
@pytest.mark.django_db
def test_one_character_is_folded_here_as_it_is_in_postgres(character):
    assert search._fold(character) == folded_by_postgres(character)


@given(texts)
def test_an_excerpt_is_the_same_passage_with_its_accents(text):
    folded = "".join(map(search._fold, text))
    excerpt = folded[: max(len(folded) // 2, 1)].rstrip()
    found = search._as_written(excerpt, text)
    assert found in text
    assert "".join(map(search._fold, found)).startswith(excerpt)


@given(anything, anything)
def test_an_excerpt_that_is_not_there_stays_as_it_is(excerpt, text):
    found = search._as_written(excerpt, text)
    assert found == excerpt or found in text


@given(st.lists(anything, min_size=1, max_size=3))
@settings(max_examples=40)
@pytest.mark.django_db
def test_any_text_has_its_distinct_lexemes_in_order(texts):
    for lexemes in search.lexemes(texts):
        assert lexemes == sorted(set(lexemes), key=lexemes.index)
        assert all(0 < len(lexeme) <= 64 for lexeme in lexemes)


@given(anything.filter(str.strip))
@settings(max_examples=12)
@pytest.mark.django_db
def test_words_of_a_query_find_or_do_not_find_and_never_fail(text):
    expert = make_expert(bio=text)
    lexemes = search.lexemes([text])[0]
    found = search.quotes([expert.pk], lexemes)
    assert set(found) == ({expert.pk} if lexemes else set())


@pytest.mark.django_db
def test_a_quote_of_a_text_with_tags_and_accents_still_holds_the_word():
    expert = make_expert(bio="Près du <b>grand</b> jardin, une crêperie <i>et</i> un four.")
    lexemes = search.lexemes(["creperie"])[0]
    assert re.search("cr[eê]perie", search.quotes([expert.pk], lexemes)[expert.pk].text)


@pytest.mark.django_db
def test_terms_are_those_of_all_texts_by_plain_counting():
    expert = make_expert(bio="Old kilns, old gardens.", background="Kilns of my father.")
    make_service(expert, title="Kiln morning", includes=["Tea", "A kiln-fired cup"])
    make_review(expert, text="The gardens at dawn.")
    per_text = [set(found) for found in search.lexemes(list(expert.evidence.values_list("text", flat=True)))]
    counted = {lexeme: sum(lexeme in one for one in per_text) for lexeme in set().union(*per_text)}
    assert dict(expert.terms.values_list("lexeme", "texts")) == counted
    assert (counted["kiln"], counted["garden"]) == (2, 2)


@given(anything)
def test_any_sentence_asks_for_known_specialties_each_once(text):
    found = taxonomy.recognise(text)
    assert set(found) <= SLUGS
    assert len(found) == len(set(found))


@given(st.lists(st.sampled_from(sorted(entry.name for entry in taxonomy.entries())), min_size=1, max_size=4))
def test_a_list_of_wishes_asks_for_all_of_them_whatever_their_order(wishes):
    found = taxonomy.recognise(", ".join(wishes))
    assert set(found) == set(taxonomy.recognise(", ".join(reversed(wishes))))
    assert all(set(taxonomy.recognise(wish)) <= set(found) for wish in wishes)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("no crowds, hiking", ["quiet-travel", "day-hikes"]),
        ("No meat; 4x4!", ["vegetarian-and-vegan", "drivers-and-roads"]),
        ("gluten-free, no hiking but wine", ["allergy-aware", "wine"]),
        ("no museums, churches", []),
    ],
)
def test_a_no_speaks_of_what_follows_and_not_of_the_wish_after(text, slugs):
    assert taxonomy.recognise(text) == slugs


@given(st.sampled_from(taxonomy.entries()))
def test_case_and_accents_of_a_wish_do_not_matter(entry):
    assert taxonomy.recognise(entry.name.upper()) == taxonomy.recognise(entry.name)
    assert entry.slug in taxonomy.recognise(f"“{entry.name}”!")


def test_the_entries_keep_their_rules():
    entries = taxonomy.entries()
    sizes = Counter(entry.group for entry in entries)
    assert [slug for slug in [*SLUGS, *sizes] if slugify(slug) != slug] == []
    assert set(sizes.values()) <= set(range(4, 13))
    assert len({entry.name for entry in entries}) == len(entries)
    assert len({(entry.group, entry.group_name) for entry in entries}) == len(sizes)
    assert max(len(text) for entry in entries for text in (entry.name, entry.group_name)) <= 80


@pytest.mark.django_db
def test_bringing_the_table_in_line_twice_is_as_once():
    before = list(Specialty.objects.values())
    taxonomy.sync()
    assert list(Specialty.objects.values()) == before
