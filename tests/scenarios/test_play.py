"""Plays all of data/scenarios through the running stack, one test a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.diagnosis.result import Cause
from scripts.environment import ROOT
from tests.scenarios.__main__ import running
from tests.scenarios.play import Place, play
from tests.scenarios.reading import find_files, read_file
from tests.scenarios.scenario import Scenario

OURS = ROOT / "data" / "scenarios"
SCENARIOS = [scenario for file in find_files([OURS]) for scenario in read_file(file)]
MINIMUM = 80


@pytest.fixture(scope="module")
def place(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One stack for all scenarios, with a ledger that each of them writes anew."""
    with running(tmp_path_factory.mktemp("scenarios")) as place:
        yield place


@pytest.mark.parametrize(
    ("number", "scenario"),
    enumerate(SCENARIOS, 1),
    ids=[f"{s.file.parent.name}: {s.name}" for s in SCENARIOS],
)
def test_scenario(number: int, scenario: Scenario, place: Place) -> None:
    result = play(scenario, number, place)
    assert result.passed, "\n".join(
        [f"{scenario.name}  ({scenario.file}:{scenario.line})", *result.transcript]
    )


def test_there_are_enough() -> None:
    assert len(SCENARIOS) >= MINIMUM
    names = [scenario.name for scenario in SCENARIOS]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_cause_is_told_in_both_languages(language: str) -> None:
    told = {
        cause for scenario in SCENARIOS if scenario.customer.language == language for cause in scenario.causes
    }
    assert sorted(cause.value for cause in set(Cause) - told) == []


def test_every_scenario_looks_at_something() -> None:
    idle = [
        scenario.name
        for scenario in SCENARIOS
        if not any(
            turn.cause or turn.money or turn.answer.all or turn.answer.any or turn.answer.none or turn.handoff
            for turn in scenario.turns
        )
    ]
    assert idle == []


def test_rasa_takes_none_of_it_for_training_data() -> None:
    taken = ("nlu:", "responses:", "stories:", "rules:", "intents:", "slots:", "actions:", "forms:")
    found = [
        f"{file}:{number}"
        for file in find_files([OURS])
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.lstrip().startswith(taken)
    ]
    assert found == []
