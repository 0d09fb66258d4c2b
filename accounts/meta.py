"""What a public page tells search engines and those who share its address. A page without it is not to be indexed."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

# Whatever could end the script element, or begin another: data holds what people wrote.
_ESCAPES = {
    ord(">"): "\\u003E",
    ord("<"): "\\u003C",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
LONGEST_DESCRIPTION = 160


def absolute(path: str) -> str:
    """The address as the world knows it: never from the request's host, which a proxy or a visitor may have set."""
    return settings.SITE_URL + path


@lru_cache(maxsize=4096)
def path_of(name: str, slug: str) -> str:
    """An address of which lists have dozens: Django looks for each anew."""
    return reverse(name, args=[slug])


@dataclass(frozen=True)
class Meta:
    title: str
    description: str
    path: str  # of the one address of this content, whatever query led here
    kind: str = "website"
    indexed: bool = True
    data: Any = None  # by schema.org, for a JSON-LD block

    @property
    def canonical(self) -> str:
        return absolute(self.path)

    @property
    def summary(self) -> str:
        return Truncator(" ".join(self.description.split())).chars(LONGEST_DESCRIPTION)

    @property
    def block(self) -> SafeString:
        """A data block: no script runs in it, so that the content policy has nothing to allow."""
        if not self.data:
            return SafeString("")
        text = json.dumps(self.data, ensure_ascii=False).translate(_ESCAPES)
        # Escaped for where it stands, a script element, in which no entity is read.
        return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308


def breadcrumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """Of names and paths, from the outermost."""
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
        for place, (name, path) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
