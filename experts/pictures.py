"""Pictures that people send, made safe to show: decoded under limits in another process and written anew.

A PNG of 21 kB can take 850 MB to decode. Here the process that decodes it has its own limit of memory and of time, so
that all it can cost is itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.utils.translation import gettext_lazy as _

from accounts import bounded
from accounts.errors import DomainError

log = structlog.get_logger(__name__)

MOST_BYTES = 12_000_000
MOST_PIXELS = 25_000_000
MEMORY = 512 * 1024**2
CPU_SECONDS = 15
SECONDS = 30
WORKER = Path(__file__).with_name("picture_worker.py")

REFUSALS = {
    "bytes": _("This file is too large. Send one of at most 12 MB."),
    "format": _("This is not a picture we can read. Send a JPEG, PNG or WebP."),
    "pixels": _("This picture has too many pixels. Send one of at most 25 megapixels."),
    "small": _("This picture is too small. Send one of at least 64 pixels on each side."),
    "memory": _("This picture takes too much memory to open. Save it as a plain JPEG and try again."),
    "broken": _("This picture is damaged. Save it anew and try again."),
    "busy": _("Other pictures are being prepared. Try again in a moment."),
}


class NoPicture(DomainError):
    """`kind` is one of REFUSALS."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(REFUSALS[kind])


@dataclass(frozen=True)
class Size:
    kind: str  # "square": the middle of it; "fit": all of it
    edge: int  # at most so many pixels long


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    files: dict[str, bytes]  # WebP, by the name of the size


def prepare(data: bytes, sizes: Mapping[str, Size]) -> Picture:
    """The picture anew in these sizes, upright, without anything but its pixels. NoPicture: why it is not taken."""
    if len(data) > MOST_BYTES:
        raise NoPicture("bytes")
    return _read(_decode(data, sizes))


def _decode(data: bytes, sizes: Mapping[str, Size]) -> bytes:
    plans = [f"{name}:{size.kind}:{size.edge}" for name, size in sizes.items()]
    limits = {"memory": MEMORY, "cpu": CPU_SECONDS, "seconds": SECONDS}
    try:
        done = bounded.run(WORKER, str(MOST_PIXELS), *plans, data=data, **limits)
    except bounded.Busy:
        raise NoPicture("busy") from None
    if done.code is None:
        raise NoPicture("memory")
    if done.code or b"\n" not in done.output:
        log.info("picture_refused", code=done.code, said=done.said)
        raise NoPicture("broken")
    return done.output


def _read(output: bytes) -> Picture:
    head, _newline, rest = output.partition(b"\n")
    said = json.loads(head)
    if refused := said.get("refused"):
        raise NoPicture(refused)
    files, start = {}, 0
    for name, length in said["files"].items():
        files[name] = rest[start : start + length]
        start += length
    return Picture(said["width"], said["height"], files)
