"""Browser: Debian's chromium, headless. Where there is none these tests are skipped, but in CI they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reconciler.report.document import PlanDocument
from reconciler.report.formats import told

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Show(Protocol):
    """Open a plan's page; whatever the browser complains of fails the test."""

    def __call__(self, plan: PlanDocument, **context: Any) -> AbstractContextManager[Page]: ...


# Not for the whole run: while it is open, nothing else in this process can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        reason = "there is no chromium to open the HTML report in: make browser installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Show:
    @contextmanager
    def show(plan: PlanDocument, **context: Any) -> Iterator[Page]:
        file = tmp_path / "report.html"
        file.write_text(told(plan, "html"), encoding="utf-8")
        opened = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        page = opened.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        yield page
        assert complaints == []
        assert asked == [file.as_uri()]
        opened.close()

    return show
