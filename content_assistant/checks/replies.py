"""Whether a reply goes to whom it is for, and answers what they asked."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from content_assistant import listening
from content_assistant.checks import Finding, Text, quoted
from content_assistant.offline import tables

_GREETING = re.compile(
    r"\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening|day)|hallo|liebe[rs]?"
    r"|guten (?:tag|morgen|abend)|servus|moin|"
    r"sehr geehrte[rs]?(?: frau| herr)?|hola|estimad[oa]|querid[oa]|buenos días|bonjour|cher|chère|ciao|car[oa]|olá)"
    r"(?P<names>[^\n,!.:;–-]*)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]+")
# Not a name, though it may stand there with a capital.
_NOBODY = frozenset("all again there everyone everybody zusammen alle nochmals traveler reisende".split())
ROOT = 5


def recipient(text: Text) -> Iterator[Finding]:
    """Who it greets is the traveler: a letter to somebody else is about somebody else."""
    greeted = _GREETING.match(text.text)
    if not greeted:
        return
    known = {word.casefold() for word in listening.words(text.facts.traveler)}
    names = [name for name in _NAME.findall(greeted["names"]) if name.casefold() not in _NOBODY]
    if names and known.isdisjoint(name.casefold() for name in names):
        yield Finding(
            "recipient",
            _("It greets %(name)s; the inquiry is from %(traveler)s.")
            % {"name": " ".join(names), "traveler": text.facts.traveler},
            repair="Greet the traveler by the name that the facts give, and nobody else.",
            blocks=True,
            spans=(greeted.span("names"),),
        )


def answered(text: Text) -> Iterator[Finding]:
    """A guess by words: an answer says something of what was asked about."""
    said = set(listening.words(text.text))
    roots = {word[:ROOT] for word in said}
    questions = list(enumerate(text.facts.questions, start=1))
    if missing := [
        (number, one) for number, one in questions if not _speaks_of(one, said, roots, text.language)
    ]:
        numbers = ", ".join(str(number) for number, _one in missing)
        listed = quoted(*(one for _number, one in missing), by=" ")
        yield Finding(
            "unanswered",
            _("This does not seem to be answered: %(questions)s") % {"questions": listed},
            # Numbers alone: what a stranger asks is nothing that we tell a model to do.
            repair=f"Questions not answered, counted from 1: {numbers}. Answer each, or say that you will check.",
        )


def _speaks_of(question: str, said: set[str], roots: set[str], language: str) -> bool:
    telling = listening.telling(question)
    topic = listening.topic(question)
    if not telling and not topic:
        return True
    label = tables.of("inquiry", language)["topics"][topic]["label"] if topic else ""
    wanted = {word[:ROOT] for word in [*telling, *listening.telling(label)]}
    return not roots.isdisjoint(wanted) or listening.mentions(sorted(said), listening.about(topic))
