"""IP addresses, and not the versions, chapters and times that look like them."""

import ipaddress
import re
from collections.abc import Iterator

from llm.patterns import lazy
from llm.privacy.kinds import Find, Kind

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = lazy(rf"(?<![\w.-])(?<!\d,){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\w|,\d)")
_NOT_V4 = lazy(
    r"(?<![^\W_])(?:version|v|ver\.?|vers\.|firmware|release|build|update|software|android|ios|driver|chapter|section|kapitel"
    r"|abschnitt|chapitre|capítulo|capitolo|§+|article|artikel|punkt|rev\.?)[ :=.-]{0,2}$",
    re.IGNORECASE,
)
_V6 = lazy(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4})?(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?(?![\w:])")


_MAYBE_V4 = lazy(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_MAYBE_V6 = lazy(r"[0-9A-Fa-f]?:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]")


def find(text: str) -> Iterator[Find]:
    if _MAYBE_V4.search(text):
        for match in _V4.finditer(text):
            if not _NOT_V4.search(text, max(0, match.start() - 12), match.start()):
                yield Find(*match.span(), Kind.IP, match[0])
    if ":" in text and _MAYBE_V6.search(text):
        for match in _V6.finditer(text):
            if (address := _v6(match[0])) is not None:
                yield Find(*match.span(), Kind.IP, str(address))


def _v6(text: str) -> ipaddress.IPv6Address | None:
    """Eight groups, or fewer with a gap, and then at least two groups and a digit: "::" alone is punctuation."""
    groups = [group for group in text.split(":") if group]
    if text != "::1" and (len(groups) < 2 or not any(character.isdigit() for character in text)):
        return None
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None
