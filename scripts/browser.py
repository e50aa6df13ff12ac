"""Finds a Chromium for the browser tests, or installs one: `.venv/bin/python -m scripts.browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.bootstrap import SetupError, apt_install, is_debian_root, say, works

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Path of a browser that runs: $CHROME, the system's, Playwright's own; None if there is none."""
    named = [
        os.environ.get("CHROME"),
        *(shutil.which(name) for name in NAMES),
        MAC_CHROME,
        _playwrights_own(),
    ]
    return next((path for path in named if path and works([path, "--version"])), None)


def ensure() -> str:
    """Path of a browser, installing one if needed. Raises SetupError with one sentence."""
    found = find()
    if found:
        return found
    say("Installing Chromium for the browser tests")
    if is_debian_root():
        # The CJK font keeps Chinese from turning into boxes on the screenshots.
        apt_install("chromium", "fonts-noto-cjk")
    else:
        subprocess.call([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find()
    if not found:
        raise SetupError(
            "No Chromium for the browser tests: install Chromium or Chrome, "
            "or set CHROME to where it is, and run this again."
        )
    return found


def _playwrights_own() -> str | None:
    """The browser that `playwright install chromium` downloads, if it is there."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    try:
        print(ensure())
    except SetupError as error:
        sys.exit(f"Set-up stopped: {error}")
