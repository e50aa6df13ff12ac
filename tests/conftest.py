"""What every part's tests may use: the trained model and the running stack, each once a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import model
from tests.stack import Stack


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The Rasa model for the data as they are now, trained first if it isn't there."""
    return model.ensure()


@pytest.fixture(scope="session")
def stack(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """What `make run` starts, running with demo mode on; one start for the whole test run."""
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start()
    try:
        running.wait_ready()
        yield running
    finally:
        ended = running.stop()
    assert ended == 0, f"Ctrl-C must end a run well, not with exit code {ended}:\n{running.log[-2000:]}"
