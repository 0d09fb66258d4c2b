import pytest

from content_assistant.checks import Text, counting
from content_assistant.tools.profile import Specialty
from content_assistant.tools.seo import TOOL, SeoFacts, offline, written
from tests.content_assistant.casts import demo_profiles

LANGUAGES = ["en", "de"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_texts_of_demo_experts(language):
    """The checks find no fault with what we write; what the experts wrote themselves stays as it is."""
    for profile in demo_profiles(30):
        facts = SeoFacts(**dict(profile), language=language)
        texts = written(offline(facts))
        checked = Text(texts.text, language, data=texts.data, facts=facts)
        rules = {finding.rule for each in TOOL.checks for finding in each(checked)}
        assert rules <= {"worn", "sales"}
        assert 10 <= len(texts.data["keywords"]) <= 15
        assert len(texts.data["description"]) <= 160


def test_a_bio_of_some_length_is_kept_sentence_by_sentence():
    (profile,) = [p for p in demo_profiles(12) if counting.words(p.bio) > 140][:1]
    text = offline(SeoFacts(**dict(profile), language="en")).bio
    assert all(sentence in text for sentence in counting.sentences(profile.bio))
    assert text != profile.bio


def test_a_short_bio_is_written_first():
    (profile,) = demo_profiles(1)
    facts = SeoFacts(**dict(profile.model_copy(update={"bio": "I walk."})), language="en")
    assert counting.words(offline(facts).bio) >= 150


def test_little_known_still_gives_ten_keywords():
    facts = SeoFacts(
        seed=3,
        name="Mei Tanaka",
        city="Kyoto",
        country="JP",
        language="en",
        specialties=[Specialty(slug="gardens", name="Gardens and parks", trips=1)],
    )
    texts = offline(facts)
    assert texts.keywords[0] == "garden tour Kyoto"
    assert len(texts.keywords) >= 10
    assert texts.description == "Mei Tanaka shows you gardens in Kyoto."
