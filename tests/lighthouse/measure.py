"""`make lighthouse`: Lighthouse's scores for the support page, which must all reach 95.

Needs Node.js with npx; Chromium is the one of the browser tests. The gateway runs alone here: the
page is measured, not the bot.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.store import migrate
from scripts.bootstrap import SetupError
from scripts.browser import FLAGS, ensure
from tests.gateway.helpers import FakeRasa, Gateway

VERSION = json.loads(Path(__file__).with_name("package.json").read_text())["dependencies"]["lighthouse"]
LEAST = {"performance": 95, "accessibility": 95, "best-practices": 95}
PRESETS = {"phone": [], "desktop": ["--preset=desktop"]}


def scores(url: str, chrome: str, options: list[str]) -> dict[str, int]:
    """Each category's score, 0 to 100. Raises CalledProcessError when Lighthouse does not run."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = ["npx", "--yes", f"lighthouse@{VERSION}", url, *options]
        command += [f"--only-categories={','.join(LEAST)}", "--output=json", f"--output-path={report}"]
        command += ["--quiet", f"--chrome-flags={' '.join(('--headless=new', *FLAGS))}"]
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chrome})
        categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: round(100 * categories[name]["score"]) for name in LEAST}


def main() -> int:
    """Prints the scores; 1 when one is too low."""
    if not shutil.which("npx"):
        raise SetupError("Lighthouse comes from npm: install Node.js 18 or newer, and run this again.")
    chrome = ensure()
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "support.db"
        migrate.upgrade(f"sqlite+aiosqlite:///{db}")
        rasa = FakeRasa()
        gateway = Gateway(db, rasa.url, demo_mode=False)
        try:
            measured = {name: scores(f"{gateway.url}/", chrome, options) for name, options in PRESETS.items()}
        finally:
            gateway.stop()
            rasa.stop()
    for preset, found in measured.items():
        print(f"{preset:8}", "  ".join(f"{name} {score}" for name, score in found.items()))
    return int(any(found[name] < least for found in measured.values() for name, least in LEAST.items()))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        sys.exit(f"Set-up stopped: {error}")
