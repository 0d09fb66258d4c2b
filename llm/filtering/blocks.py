"""Passages that imitate what stands around a prompt: fences, comments, tags, roles, banners, encoded runs."""

from collections.abc import Iterator, Sequence

from llm.patterns import lazy

_SIGN = lazy(r"[<\[{`#:=\\&]|[a-z0-9+/]{40}|-{3}|\bbegin\b|\bcomienz|\binicio\b|\bbeginn\b|\banfang\b")
_TAG_NAME = (
    r"(?:data|system|sys|user|assistant|instructions?|prompt|admin|developer|rules?|inst|tool|function|message|context|"
    r"response|output|script|anweisung(?:en)?|instrucciones|sistema|nutzer|usuario|asistente|rating|score|evaluation)"
)
_TAG = lazy(
    rf"<[|/ ]{{0,3}}{_TAG_NAME}\b[^<>\n]{{0,80}}>|<\|\w{{1,30}}\|>|<</?sys>>|\[\s?/?\s?(?:{_TAG_NAME})\s?\]"
    rf"|&lt;/?{_TAG_NAME}\b|\\u003c"
)
_PAIRS = (("<!--", "-->"), ("```", "```"))
_JSON = lazy(
    r"\{[^{}]{0,300}?[\"'](?:role|system|instructions?|score|rating|expertise|rank|content|override|puntuacion|bewertung"
    r"|verdict)[\"']\s?:[^{}]{0,600}[}]{1,3}"
)
_ROLE = (
    r"(?:system|sistema|systeme|developer|entwickler|admin(?:istrator|istrador)?|root|instructions? to (?:the )?\w+"
    r"|system (?:message|prompt|note|notice|update|override|instructions?|nachricht|hinweis)|systemnachricht"
    r"|systemhinweis|override"
    r"|systemmeldung|systemanweisung|mensaje del sistema|nota del sistema|aviso del sistema|system[- ]?prompt|ai"
    r"|(?:new|updated|neue|nuevas) (?:system )?(?:instructions?|anweisung(?:en)?|instrucciones|rules|regeln|reglas))"
)
_LABEL = lazy(rf"(?:(?<=\n)|(?<=[.!?] )|\A)[\s>*#_-]{{0,8}}[\[(]?{_ROLE}[\])]?[*_]{{0,2}}\s?[:>=][^\n]*")
_HEADING = lazy(
    r"(?:(?<=\n)|(?<=[.!?] )|\A) {0,3}#{1,6} {0,3}[^\n]{0,60}\b(?:instructions?|system|prompt|rules for|override"
    r"|anweisung(?:en)?|systemanweisung(?:en)?|instrucciones|sistema|task|aufgabe|tarea|response|output)\b[^\n]{0,60}"
    r"(?:\n[ \t]*[^\s#][^\n]*)*"
)
_USER = r"(?:user|human|nutzer|benutzer|usuario|humano|mensch)"
_ASSISTANT = r"(?:assistant|ai|model|bot|assistent|ki|asistente|ia|modelo|modell)"
_CHAT = lazy(rf"\b{_USER}\s?:(?:[^\n]{{0,300}}?|[^\n]{{0,300}}+\n[^\n]{{0,3}}?)\b{_ASSISTANT}\s?:[^\n]*")
_BANNER = lazy(
    r"\b(?:begin|start|comienzo|inicio|beginn|anfang)(?: of| de| del| las| los| der| the| neuer| nuevas| new"
    r"| updated){0,4} [^\n]{0,30}?\b(?:instructions?|instrucciones|anweisung(?:en)?|prompt|system|sistema|override"
    r"|rules|regeln|reglas|directives?|mensaje|message|nachricht)\b"
)
_BANNER_END = lazy(
    r"\b(?:end|fin|final|ende)\b(?: of| de| del| las| los| der| the| neuer| nuevas| new){0,4}[^\n.]{0,40}"
    r"\]?[-=*#]{0,12}\.?"
)
_ENCODED = lazy(r"(?<![\w/+.@-])[a-z0-9+/]{40,}={0,2}(?![\w/])")
_ESCAPES = lazy(r"(?:\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|&#x?[0-9a-f]{2,6};|%[0-9a-f]{2}){4,}")
_LETTERS_ALONE = lazy(r"[a-z]+")

Span = tuple[int, int]


def find(text: str) -> Sequence[Span]:
    """Offsets into the folded text, in order, without overlaps."""
    if not _SIGN.search(text):
        return []
    merged: list[Span] = []
    for start, end in sorted(_all(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _all(text: str) -> Iterator[Span]:
    for opening, closing in _PAIRS:
        yield from _paired(text, opening, closing)
    yield from _tagged(text)
    for pattern in (_JSON, _LABEL, _HEADING, _CHAT, _ESCAPES):
        yield from (match.span() for match in pattern.finditer(text))
    for match in _BANNER.finditer(text):
        ended = _BANNER_END.search(text, match.end())
        before = text[max(0, match.start() - 12) : match.start()]
        yield (
            match.start() - len(before) + len(before.rstrip("-=*#[ ")),
            ended.end() if ended else _line_end(text, match.end()),
        )
    for match in _ENCODED.finditer(text):
        if not _LETTERS_ALONE.fullmatch(match[0]):
            yield match.span()


def _paired(text: str, opening: str, closing: str) -> Iterator[Span]:
    at = text.find(opening)
    while at >= 0:
        end = text.find(closing, at + len(opening))
        end = end + len(closing) if end >= 0 else len(text)
        yield at, end
        at = text.find(opening, end)


def _tagged(text: str) -> Iterator[Span]:
    """From the first tag to the last of a paragraph; one that nothing closes takes its line."""
    tags = [match.span() for match in _TAG.finditer(text)]
    at = 0
    while at < len(tags):
        start, end = tags[at]
        last = at
        while last + 1 < len(tags) and "\n\n" not in text[tags[last][1] : tags[last + 1][0]]:
            last += 1
            end = tags[last][1]
        closing = text[tags[last][0] : end]
        is_closed = last > at and ("/" in closing[:3] or "end" in closing)
        yield start, end if is_closed else _line_end(text, end)
        at = last + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)
