"""The six tools, by name. Each is a module of its own that declares a `Tool`."""

from content_assistant.tools.base import TOOLS, Tool, Written, of

__all__ = ["TOOLS", "Tool", "Written", "of"]
