import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    program = chromium.find()
    if not program:
        pytest.skip("no Chromium found")
    # Playwright keeps an event loop in this thread. In there Django gives out a connection of its own, which has to
    # be told of the rows to restore, and refuses to use it unless it is asked not to.
    rows = connection._test_serialized_contents  # type: ignore[attr-defined]
    connection.close()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        connection._test_serialized_contents = rows  # type: ignore[attr-defined]
        browser = playwright.chromium.launch(executable_path=program, args=chromium.flags())
        yield browser
        browser.close()
        connection.close()


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page whose relative addresses lead to the live server. A script error or a breach of the content security
    policy fails the test.
    """
    problems: list[str] = []
    page = _arrive(
        browser, live_server.url, problems, lambda message: "Content Security Policy" in message.text
    )
    yield page
    page.context.close()
    assert problems == []


@pytest.fixture
def arrive(browser: Browser, live_server: Any) -> Iterator[Callable[[], Page]]:
    """Pages of people who know nothing of each other. Whatever reaches a console as an error fails the test too, an
    answer of 400 or more among it.
    """
    problems: list[str] = []
    pages: list[Page] = []

    def arrive() -> Page:
        pages.append(_arrive(browser, live_server.url, problems, lambda message: message.type == "error"))
        return pages[-1]

    yield arrive
    for page in pages:
        page.context.close()
    assert problems == []


def _arrive(
    browser: Browser, url: str, problems: list[str], is_problem: Callable[[ConsoleMessage], bool]
) -> Page:
    def note(message: ConsoleMessage) -> None:
        if is_problem(message):
            problems.append(message.text)

    page = browser.new_context(base_url=url, locale="en-US").new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


@pytest.fixture
def sign_in(page: Page, live_server: Any) -> Callable[[Any], None]:
    """Makes the page's visitor a user."""

    def sign_in(user: Any) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return sign_in


@pytest.fixture
def staff(page: Page, sign_in: Callable[[Any], None]) -> Page:
    from tests.factories import make_user  # pytest reads this file before Django is set up

    sign_in(make_user("Root Admin", is_staff=True, is_superuser=True))
    page.set_viewport_size({"width": chromium.DESK, "height": 900})
    return page
