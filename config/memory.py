"""What a server process does once, when it has loaded everything and before its first work."""

import gc

# Django makes some thousand objects a request, nearly all of them freed by counting: looking for cycles after each 700
# would find next to nothing.
ALLOCATIONS = 20_000


def settle() -> None:
    """Leave what was loaded out of every later collection: walking all of it stops a request for 10 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
