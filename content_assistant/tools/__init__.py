"""The six tools, by name. Each is a module of its own that declares a `Tool`."""

from content_assistant.tools.base import TOOLS, Tool, Written, of

__all__ = ["TOOLS", "Tool", "Written", "load", "of"]


def load() -> None:
    """In the order of their cards. Their facts are rows of other apps, so not before those are there."""
    from content_assistant.tools import (  # noqa: F401, I001, PLC0415
        bio,
        service,
        itinerary,
        inquiry,
        translate,
        seo,
    )
