"""What code says of a text, whoever wrote it: the tool's own checks, and the sentences that rest on nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from content_assistant import tools
from content_assistant.checks import Claim, Finding, Source, Text
from content_assistant.models import Draft, Version
from content_assistant.tools import Tool
from llm import door

Verdicts = Mapping[str, Sequence[door.Verdict]]

# Each finds the sentences with something checkable in them; content_assistant.apps hangs in what there is.
claimers: list[Callable[[Text], Iterable[Claim]]] = []

# A finding whose rule begins so goes to our team instead of to the expert.
HELD = "held"


@dataclass(frozen=True)
class Examined:
    findings: tuple[Finding, ...]
    claims: tuple[Claim, ...]

    @property
    def trouble(self) -> tuple[int, int]:
        return sum(finding.blocks for finding in self.findings), len(self.findings)

    @property
    def repairs(self) -> list[str]:
        return [finding.repair for finding in self.findings if finding.repair]


def examine(tool: Tool, text: Text, verdicts: Verdicts | None = None) -> Examined:
    """`verdicts` are the door's; those that are no more than a missing source become claims to confirm."""
    findings = tuple(finding for check in tool.checks for finding in check(text))
    texts = (text.text, *tool.texts_beside(text.data))
    claims = [claim for claimer in claimers for said in texts for claim in claimer(replace(text, text=said))]
    known = {claim.sentence for claim in claims}
    claims += [claim for claim in _unsupported(texts, verdicts or {}) if claim.sentence not in known]
    return Examined(findings, tuple(claims))


def of_edit(draft: Draft, base: Version, text: str) -> tuple[Text, Examined]:
    """A text that a person made of a version's, with what lies beside it read anew, checked like any other."""
    tool = tools.of(draft.tool)
    cited = sources_of_citations(door.Citation(**one) for one in base.citations)
    data = tool.data_of(text, base.data, draft.language)
    checked = Text(text, draft.language, data, tool.facts(draft, "", ""), (*tool.sources(draft), *cited))
    return checked, examine(tool, checked)


def _unsupported(texts: Sequence[str], verdicts: Verdicts) -> Iterable[Claim]:
    found: dict[str, list[str]] = {}
    for place, of_place in verdicts.items():
        for verdict in of_place:
            if verdict.reason is door.Reason.UNSUPPORTED:
                found.setdefault(_sentence_of(verdict, place, texts), []).append(verdict.detail)
    for sentence, what in found.items():
        yield Claim(sentence, tuple(dict.fromkeys(what)))


def _sentence_of(verdict: door.Verdict, place: str, texts: Sequence[str]) -> str:
    """Of a plain text the verdict knows where it stands; of another answer's parts, which words it is about."""
    if not place:
        return _sentence(texts[0], verdict.start, verdict.end)
    for text in texts:
        if (start := text.find(verdict.span)) >= 0:
            return _sentence(text, start, start + len(verdict.span))
    return verdict.span


def _sentence(text: str, start: int, end: int) -> str:
    first = max(text.rfind(sign, 0, start) + len(sign) for sign in ("\n", ". ", "! ", "? ", "。"))
    ends = [found for sign in ("\n", ". ", "! ", "? ", "。") if (found := text.find(sign, end)) >= 0]
    return text[first : min(ends, default=len(text)) + 1].strip()


def held(verdicts: Verdicts, findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Why our team has to look first, as `Ruling.verdicts` keeps it; empty where nothing speaks against the text."""
    said: list[dict[str, object]] = [
        {"place": place, **verdict._asdict(), "reason": verdict.reason.value}
        for place, found in verdicts.items()
        for verdict in found
        if verdict.reason is not door.Reason.UNSUPPORTED
    ]
    for finding in findings:
        if finding.rule.startswith(HELD):
            said.append({"place": "", "reason": finding.rule, "span": "", "detail": finding.message})
    return said


def vouched(claims: Iterable[Claim], before: str) -> tuple[Claim, ...]:
    """An expert who wrote a sentence themselves has confirmed it by that."""
    return tuple(
        replace(claim, confirmed=True) if claim.is_open and claim.sentence not in before else claim
        for claim in claims
    )


def sources_of_citations(citations: Iterable[door.Citation]) -> tuple[Source, ...]:
    return tuple(
        Source("citation", one.title or one.url, f"{one.title} {one.url}", one.url) for one in citations
    )


def blockers(findings: Iterable[Mapping[str, object]], claims: Iterable[Mapping[str, object]]) -> list[str]:
    """Why a text can't be used as it is, from what is stored of it."""
    reasons = [str(finding["message"]) for finding in findings if finding.get("blocks")]
    if any(not (claim.get("source") or claim.get("confirmed")) for claim in claims):
        reasons.append(_("Some sentences still wait for you to confirm or change them."))
    return reasons
