"""What the command says and how it ends, and how an answer is compared with what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.diagnosis.result import Cause, MoneyState
from tests.scenarios import __main__ as command
from tests.scenarios.play import Place, Result, differences
from tests.scenarios.scenario import Answer, Scenario, Turn
from tests.stack import Json, free_ports

ANSWER: Json = {
    "text": "您在星巴克的¥128.00还在处理中。",
    "blocks": [
        {"type": "diagnosis", "cause": "pending_at_channel", "money": {"state": "debited_pending"}},
        {"type": "quick_replies", "replies": [{"id": "1", "title": "转人工"}]},
    ],
}


def turn(**expected: object) -> Turn:
    usual = dict.fromkeys(("press", "cause", "money", "handoff", "language"))
    return Turn(**{"say": "喂", "answer": Answer(), **usual, **expected})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"answer": Answer(all=("星巴克", "转人工"), any=("退款", "处理中"), none=("失败",))},
        {"cause": Cause.PENDING_AT_CHANNEL, "money": MoneyState.DEBITED_PENDING},
        {"handoff": False, "language": "zh"},
    ],
)
def test_an_answer_as_expected_has_no_differences(expected: dict[str, object]) -> None:
    assert differences(turn(**expected), ANSWER) == []


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"answer": Answer(all=("星巴克", "退款"))}, "does not say '退款'"),
        ({"answer": Answer(any=("退款", "失败"))}, "says none of '退款', '失败'"),
        ({"answer": Answer(none=("处理中",))}, "says '处理中'"),
        ({"cause": Cause.UNKNOWN}, "the cause is pending_at_channel, not unknown"),
        ({"money": MoneyState.PAID}, "the money is debited_pending, not paid"),
        ({"handoff": True}, "brings in no human"),
        ({"language": "en"}, "is not in en"),
    ],
)
def test_each_difference_is_told(expected: dict[str, object], said: str) -> None:
    assert differences(turn(**expected), ANSWER) == [said]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two scenarios in a folder."""
    for name in ("first", "second"):
        text = f"format: 1\nname: the {name} one\nturns: [{{say: hi}}]\n"
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Plays nothing: the second one fails. The names of those played."""
    names: list[str] = []

    def play(scenario: Scenario, number: int, place: Place) -> Result:
        names.append(scenario.name)
        result = Result(["  customer: hi"])
        if "second" in scenario.name:
            result.fault("does not say 'hello'")
        return result

    monkeypatch.setattr(command, "play", play)
    return names


def run(folder: Path, *more: str) -> int:
    there = ("--url", "http://nowhere", "--ledger", "sqlite+aiosqlite:///x.db", "--customers", "x.json")
    return command.main([str(folder), *there, *more])


def test_a_failure_is_shown_with_its_talk_and_ends_with_one(
    folder: Path, played: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder) == 1
    shown = capsys.readouterr().out
    assert "PASS  the first one" in shown
    assert "FAIL  the second one" in shown
    assert shown.count("customer: hi") == 1
    assert "✗ does not say 'hello'" in shown
    assert "1 of 2 scenarios passed" in shown


def test_only_those_asked_for_are_played_and_verbose_shows_all(
    folder: Path, played: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--only", "FIRST", "--verbose") == 0
    assert played == ["the first one"]
    assert "customer: hi" in capsys.readouterr().out
    assert run(folder, "--only", "third") == 2


def test_a_stack_that_is_gone_ends_it_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (port,) = free_ports(1)
    url = f"sqlite+aiosqlite:///{folder / 'ledger.db'}"
    there = (
        "--url",
        f"http://127.0.0.1:{port}",
        "--ledger",
        url,
        "--customers",
        str(folder / "customers.json"),
    )
    assert command.main([str(folder), *there]) == 1
    assert capsys.readouterr().err.count("nothing answers at") == 1


def test_every_bad_file_is_named_and_nothing_is_played(
    folder: Path, played: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bad", "worse"):
        (folder / f"{name}.yml").write_text("format: 1\nname: x\nturn: []\n", encoding="utf-8")
    assert run(folder) == 2
    told = capsys.readouterr().err
    assert "bad.yml, line 3, turn: there is no such field; did you mean turns?" in told
    assert "worse.yml, line 3" in told
    assert played == []


def test_check_only_reads(folder: Path, played: list[str]) -> None:
    assert command.main([str(folder), "--check"]) == 0
    assert command.main([str(folder), "--url", "http://nowhere"]) == 2
    assert played == []
