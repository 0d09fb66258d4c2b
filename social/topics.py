"""When two topics are the same: by their words, whatever their order, endings and case; or by their posts."""

import re
from collections.abc import Iterable, Mapping, Sequence

from markets import folding

# Words that tell topics apart from nothing.
_IDLE = frozenset(
    "a an and are at best by day for from good great in is it its new of on or our so that the this to trip travel "
    "visit visiting we with you your der die das den dem ein eine und im in am an auf mit von zu el la los las un una "
    "y de del en con le les des du et au aux il lo gli i e di da".split()
)
ALIKE, SHARED_POSTS, FEWEST_SHARED = 0.6, 0.5, 3
LONGEST_KEY = 120
_ENDINGS = re.compile(r"(?<=\w{3})(?:ies|es|s)$")


def stems(text: str) -> frozenset[str]:
    words = frozenset(
        _stem(word) for word in folding.fold(text.replace("#", " ")).split() if word not in _IDLE
    )
    return words or frozenset([folding.fold(text) or text])


def key(topic: str) -> str:
    return " ".join(sorted(stems(topic)))[:LONGEST_KEY]


def _stem(word: str) -> str:
    """Plurals and singulars alike: gardens, cities."""
    if not word.isascii():
        return word
    return (
        _ENDINGS.sub(lambda ending: "y" if ending[0] == "ies" else "", word)
        if not word.endswith("ss")
        else word
    )


def same_words(one: str, other: str) -> bool:
    mine, theirs = stems(one), stems(other)
    return len(mine & theirs) / len(mine | theirs) >= ALIKE


def same_posts(one: set[int], other: set[int]) -> bool:
    shared = len(one & other)
    return shared >= FEWEST_SHARED and shared / len(one | other) >= SHARED_POSTS


class Folded:
    """Texts made ready to be looked through many times."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = {key: f" {folding.fold(text)} " for key, text in texts.items()}

    def __len__(self) -> int:
        return len(self._texts)

    def with_any(self, words: Iterable[str]) -> set[int]:
        """Keys of the texts in which one of these words or phrases stands."""
        wanted = [self.needle(word) for word in words]
        return {key for key, text in self._texts.items() if any(one in text for one in wanted)}

    def of(self, keys: Iterable[int]) -> "Folded":
        some = Folded({})
        some._texts = {key: self._texts[key] for key in keys if key in self._texts}
        return some

    def each(self) -> Sequence[tuple[int, str]]:
        return list(self._texts.items())

    @staticmethod
    def needle(word: str) -> str:
        """Whole words only, in scripts that part them."""
        folded = folding.fold(word)
        return f" {folded} " if folded.isascii() else folded
