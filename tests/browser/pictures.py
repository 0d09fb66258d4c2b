import os
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import DESK, DRESS, PHONE


def shoot(page: Page, name: str) -> None:
    """With SHOTS=folder: a picture of the page in all four looks."""
    folder = os.environ.get("SHOTS", "")
    for scheme in ("light", "dark") if folder else ():
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(DRESS, scheme)
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
