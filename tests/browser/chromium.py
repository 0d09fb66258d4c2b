"""The system's Chromium, and accessibility rules run in it."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The tests' network ends at loopback; Chromium must not even try to go further.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = 1280, 360
Look = tuple[Literal["light", "dark"], int]
# Colours follow the theme and the layout follows the width, so two looks of the four show nearly everything. The rule
# of contrast, which takes most of the time, is why it is not four.
LOOKS: tuple[Look, ...] = (("light", DESK), ("dark", PHONE))
# Unfold reads the system's theme once, at the start. Colours that fade are taken to their end, one may start another.
DRESS = """async (scheme) => {
  if (window.Alpine) document.documentElement.className = scheme;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const fades = () => document.getAnimations().filter((moving) => moving instanceof CSSTransition);
  for (let fading = fades(); fading.length; fading = fades()) fading.forEach((fade) => fade.finish());
}"""
# Off unless asked for. The preload would fetch the sheets once more, for a rule that nothing here can break.
OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def find() -> str | None:
    found = filter(None, (shutil.which(name) for name in NAMES))
    return next(found, None) or next((app for app in MAC_APPS if Path(app).exists()), None)


def flags() -> list[str]:
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


def faults(page: Page, looks: Sequence[Look] = LOOKS, *, apart_from: str = "") -> list[str]:
    """What is wrong with the page as it stands in these looks: the axe rules it breaks, and whether it scrolls
    sideways. An empty list is what tests want. The part that the selector `apart_from` finds is left out.
    """
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, width in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(DRESS, scheme)
        found += [f"{scheme} {width} {fault}" for fault in _broken_rules(page, apart_from)]
        if page.evaluate(IS_TOO_WIDE):
            found.append(f"{width} scrolls sideways")
    return found


def _broken_rules(page: Page, apart_from: str) -> list[str]:
    part = {"include": [["html"]], "exclude": [[apart_from]] if apart_from else []}
    violations = page.evaluate("([part, options]) => axe.run(part, options)", [part, OPTIONS])["violations"]
    return [
        f"{found['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for found in violations
        for node in found["nodes"]
    ]
