from dataclasses import dataclass


@dataclass(frozen=True)
class Cleaned:
    text: str
    removed: tuple[str, ...]


def orders(text: str) -> tuple[str, ...]:
    return ()


def without_orders(text: str) -> Cleaned:
    return Cleaned(text, ())
