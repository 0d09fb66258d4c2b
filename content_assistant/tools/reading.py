"""What people wrote, as a model is shown it."""

from llm import door


def shown(text: str, longest: int) -> str:
    """On one line, without orders to whoever reads it, and no longer than this."""
    line = " ".join(door.without_orders(text).text.split())
    return line if len(line) <= longest else line[: longest + 1].rpartition(" ")[0] or line[:longest]
