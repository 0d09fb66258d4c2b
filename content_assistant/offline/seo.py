"""Search texts: keywords from specialties and city, the bio with some of them in it, a description for search pages."""

from collections.abc import Mapping

from content_assistant.checks import counting
from content_assistant.offline import bio, patterns
from content_assistant.offline.patterns import Slots
from content_assistant.tools.profile import Profile

FEWEST_KEYWORDS, MOST_KEYWORDS = 10, 15
LONGEST_DESCRIPTION = 160
OWN_BIO = 120  # words from which on a bio is kept and not written anew
ADDED = 55  # that the sentences with keywords take


def keywords(facts: Profile, language: str) -> list[str]:
    """What travelers type: first what this expert does most, then what everybody asks for."""
    slots = bio.words_of(facts, language).slots
    own = [f"{search} {facts.city}" for search in searches(facts, language)]
    spoken = Slots(slots, language=_first_language(slots))
    general = [
        pattern.format_map(spoken)
        for pattern in patterns.say(language)["seo"]["keywords"]
        if all(spoken.get(name) for name in patterns.needs(pattern))
    ]
    return list(dict.fromkeys([*own[:9], *general]))[: MOST_KEYWORDS - 1]


def searches(facts: Profile, language: str) -> list[str]:
    """One of each specialty, then the second ones."""
    known = patterns.topics(language)
    chosen = [known[s.slug] for s in facts.specialties if s.slug in known]
    first = [topic.searches[0] for topic in chosen]
    return list(dict.fromkeys([*first, *(search for topic in chosen for search in topic.searches[1:])]))


def _first_language(slots: Mapping[str, str]) -> str:
    return slots.get("languages", "").split(",")[0].split(" ")[0]


def rewritten(facts: Profile, language: str, *, words: tuple[int, int], variant: str) -> str:
    """The expert's own bio with sentences that hold keywords; without a bio of some length one is written first."""
    low, high = words
    text = facts.bio.strip()
    if counting.words(text) < OWN_BIO or not bio.speaks(text, language):
        goal = (low - ADDED // 2, high - ADDED)
        text = bio.bio(facts, language, words=goal, told={}, variant=f"seo/{variant}")
    paragraphs = text.split("\n\n")
    for number, sentence in enumerate(_sentences(facts, language, variant)):
        place = min(number, len(paragraphs) - 1)
        if counting.words(" ".join([*paragraphs, sentence])) > high:
            break
        paragraphs[place] = f"{paragraphs[place].rstrip()} {sentence}"
    return "\n\n".join(paragraphs)


def _sentences(facts: Profile, language: str, variant: str) -> list[str]:
    rng, say = patterns.dice(facts.seed, "seo", language, variant), patterns.say(language)["seo"]
    slots = Slots(zip(["s1", "s2", "s3"], searches(facts, language), strict=False), city=facts.city)
    writer = patterns.Writer(rng, slots)
    return [sentence for kind in ("sentences", "more") if (sentence := writer.say(say[kind]))]


def description(facts: Profile, language: str, variant: str) -> str:
    """The fullest that fits."""
    slots = Slots(bio.words_of(facts, language).slots | bio.topics_of(facts, language).first())
    rng = patterns.dice(facts.seed, "meta", language, variant)
    fitting = [
        text
        for pattern in patterns.say(language)["seo"]["meta"]
        if patterns.needs(pattern) <= slots.keys()
        and len(text := pattern.format_map(slots)) <= LONGEST_DESCRIPTION
    ]
    fullest = sorted(fitting, key=len, reverse=True)[:3]
    return rng.choice(fullest) if fullest else facts.name[:LONGEST_DESCRIPTION]
