"""When the model counts as current, and what is said when it can't be made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.model import TrainingError, current_model, data_hash, ensure


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the files that a model is made from."""
    for name in ("data/nlu/zh", "bot/nlu", "models"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "config.yml").write_text("language: zh\n")
    (tmp_path / "domain.yml").write_text("intents: [greet]\n")
    (tmp_path / "data" / "nlu" / "zh" / "greet.yml").write_text("- 你好\n", encoding="utf-8")
    (tmp_path / "bot" / "nlu" / "text.py").write_text("LIMIT = 1\n")
    (tmp_path / "requirements.lock").write_text("pytest==8.4.2 \\\nrasa==3.6.21 \\\nspacy==3.4.4 \\\n")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.yml", "language: en\n"),
        ("domain.yml", "intents: [greet, goodbye]\n"),
        ("data/nlu/zh/greet.yml", "- 您好\n"),
        ("data/nlu/zh/goodbye.yml", "- 再见\n"),
        ("data/rules.yml", "rules: []\n"),
        ("bot/nlu/text.py", "LIMIT = 2\n"),
        ("requirements.lock", "pytest==8.4.2 \\\nrasa==3.6.20 \\\nspacy==3.4.4 \\\n"),
    ],
)
def test_a_change_in_what_it_is_made_from_calls_for_another_model(
    project: Path, file: str, content: str
) -> None:
    before = data_hash(project)
    (project / file).write_text(content, encoding="utf-8")
    assert data_hash(project) != before


def test_a_file_that_is_only_renamed_counts_as_a_change(project: Path) -> None:
    before = data_hash(project)
    file = project / "data" / "nlu" / "zh" / "greet.yml"
    file.rename(file.with_name("hello.yml"))
    assert data_hash(project) != before


def test_what_does_not_go_into_the_model_changes_nothing(project: Path) -> None:
    before = data_hash(project)
    (project / "README.md").write_text("hello")
    (project / "bot" / "nlu" / "__pycache__").mkdir()
    (project / "bot" / "nlu" / "__pycache__" / "text.pyc").write_bytes(b"\0")
    (project / "requirements.lock").write_text("pytest==9 \\\nrasa==3.6.21 \\\nspacy==3.4.4 \\\n")
    (project / "config.yml").touch()
    (project / "data" / "scenarios" / "balance").mkdir(parents=True)
    (project / "data" / "scenarios" / "balance" / "short.yml").write_text("format: 1\n")
    assert data_hash(project) == before


def writes_model(model: Path, force: bool) -> list[list[str]]:
    """A training of one step that writes down whether it was forced."""
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
    return [[sys.executable, "-c", code, str(model), f"forced={force}"]]


def fails(model: Path, force: bool) -> list[list[str]]:
    """A training that says why it can't go on."""
    return [[sys.executable, "-c", "print('no such intent: 你好'); raise SystemExit(1)"]]


def test_it_is_trained_once_and_again_only_when_asked(project: Path) -> None:
    model = ensure(root=project, steps=writes_model)
    assert model.read_text() == "forced=False"
    assert ensure(root=project, steps=fails) == model
    assert ensure(force=True, root=project, steps=writes_model).read_text() == "forced=True"


def test_a_failed_training_is_one_sentence_and_a_log(project: Path) -> None:
    with pytest.raises(TrainingError, match=r"Training failed: .* var/train\.log\.$"):
        ensure(root=project, steps=fails)
    assert "no such intent: 你好" in (project / "var" / "train.log").read_text(encoding="utf-8")
    assert not current_model(project).exists()


def test_a_training_that_leaves_no_model_is_not_a_success(project: Path) -> None:
    with pytest.raises(TrainingError, match="made no model"):
        ensure(root=project, steps=lambda model, force: [[sys.executable, "-c", "pass"]])


def test_old_models_are_cleared_away_but_never_those_of_others(project: Path) -> None:
    own = project / "models" / "20240101-120000-mine.tar.gz"
    own.write_text("a model of someone's own")
    made = []
    for number in range(6):
        (project / "domain.yml").write_text(f"version: {number}\n")
        made.append(ensure(root=project, steps=writes_model))
    left = [model for model in made if model.exists()]
    assert made[-1] in left
    assert len(left) == 4
    assert own.exists()
