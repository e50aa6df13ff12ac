"""Trains the Rasa model for the data as they are now: `python -m scripts.model [--force]`.

The model's file name carries a hash over everything it is made from, so "is there a current
model?" is "does that file exist?", and a later `git checkout` of older data finds its own again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from scripts.environment import QUIET, ROOT

SOURCES = ("config.yml", "domain.yml", "domain", "data", "bot/nlu")
NOT_TRAINED = Path("data/scenarios")  # records and talks for tests; nothing is learnt from them
LOG = Path("var/train.log")
Steps = Callable[[Path, bool], list[list[str]]]
KEPT = 3  # models kept beside the newest, for switching between branches
TRAINING_STEP = re.compile(r"Starting to train component '(\w+)'")


class TrainingError(Exception):
    """No model could be made; the message is one sentence and says where the log is."""


def data_hash(root: Path = ROOT) -> str:
    """Twelve hex digits over the names and contents of all that goes into the model."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = root / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if NOT_TRAINED in file.relative_to(root).parents:
                continue
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(_locked("rasa", root).encode() + _locked("spacy", root).encode())
    return digest.hexdigest()[:12]


def current_model(root: Path = ROOT) -> Path:
    """Where the model for today's data is, or will be once it is trained."""
    return root / "models" / f"support-{data_hash(root)}.tar.gz"


def training_steps(model: Path, force: bool) -> list[list[str]]:
    """The commands that make the model: our spaCy pipeline, then Rasa's own training."""
    name = model.name.removesuffix(".tar.gz")
    rasa = [sys.executable, "-m", "rasa", "train", "--out", str(model.parent), "--fixed-model-name", name]
    return [[sys.executable, "-m", "bot.nlu.build"], [*rasa, "--force"] if force else rasa]


def ensure(force: bool = False, root: Path = ROOT, steps: Steps = training_steps) -> Path:
    """The model for today's data, trained first if it isn't there. Raises TrainingError."""
    model = current_model(root)
    if model.exists() and not force:
        return model
    log = root / LOG
    log.parent.mkdir(exist_ok=True)
    print("• Training the model (about a minute; only when its data have changed)", flush=True)
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        for step in steps(model, force):
            _logged(step, root, out)
    if not model.exists():
        raise TrainingError(f"Training made no model: see {LOG}.")
    print(f"• Trained in {time.monotonic() - started:.0f} s", flush=True)
    _prune(model)
    return model


def _logged(command: list[str], root: Path, log: TextIO) -> None:
    """Runs one step, writing all it says to the log and what it is at to the screen."""
    # LOG_LEVEL=INFO: the lines that name the component being trained are what we show.
    env = {**os.environ, **QUIET, "LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            step = TRAINING_STEP.search(line)
            if step:
                print(f"    {step.group(1)}", flush=True)
    if process.returncode != 0:
        raise TrainingError(f"Training failed: the reason stands at the end of {LOG}.")


def _locked(package: str, root: Path) -> str:
    """The version that the lock pins, e.g. "rasa==3.6.21"."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    found = re.search(rf"^{package}==[^\s;\\]+", lock, re.MULTILINE)
    return found.group(0) if found else package


def _prune(newest: Path) -> None:
    """Removes our older models beyond the last few; models with other names are left alone."""
    models = sorted(
        newest.parent.glob("support-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for old in [path for path in models if path != newest][KEPT:]:
        old.unlink()


def main() -> None:
    """Command line: train if needed, or always with --force."""
    parser = argparse.ArgumentParser(description="Train the Rasa model for the data as they are now.")
    parser.add_argument("--force", action="store_true", help="train even if a current model is there")
    try:
        print(f"• Model: {ensure(parser.parse_args().force).relative_to(ROOT)}")
    except TrainingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
