"""A real Chromium for the browser tests; that there is none is a failure, never a skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.bootstrap import SetupError
from scripts.browser import FLAGS, ensure


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright on the machine's Chromium.

    For a module, not the session: while Playwright's sync API is up, no asyncio test can run.
    """
    try:
        path = ensure()
    except SetupError as error:
        pytest.fail(str(error))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()
