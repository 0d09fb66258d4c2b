"""The staff's screens of matching: runs with their scores, what came of the lists, and algorithm versions."""

from matching.admin import exposures, runs, versions

__all__ = ["exposures", "runs", "versions"]
