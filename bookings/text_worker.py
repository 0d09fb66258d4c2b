"""Reads the text of one untrusted PDF.

Run by bookings.contents through accounts.bounded, without Django: the file comes in by standard input, its text leaves
page by page, so that what was read before a limit is there. Arguments: the most pages, the most letters.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from pypdf import PageObject, PdfReader


def main() -> None:
    most_pages, left = map(int, sys.argv[1:])
    reader = PdfReader(BytesIO(sys.stdin.buffer.read()))
    for page in islice(reader.pages, most_pages):
        text = "\n".join([page.extract_text(), *_links(page)])[:left]
        left -= len(text)
        sys.stdout.buffer.write(f"{text}\n".encode(errors="replace"))
        sys.stdout.buffer.flush()
        if left <= 0:
            return


def _links(page: PageObject) -> Iterator[str]:
    """Where a click leads: an address need not stand on the page."""
    for one in page.get("/Annots") or []:
        action: Any = one.get_object().get("/A")
        uri = action.get_object().get("/URI") if action is not None else None
        if uri is not None:
            yield str(uri.get_object()).removeprefix("mailto:").removeprefix("tel:")


if __name__ == "__main__":
    main()
