"""Scenario files are read strictly: a mistake is told with file, line, field and what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.diagnosis.facts import Money
from actions.diagnosis.result import Cause, MoneyState
from scripts.environment import ROOT
from tests.scenarios import read_customer, read_payments, reading
from tests.scenarios.document import BadScenario
from tests.scenarios.reading import find_files, read_file

GOOD = """\
format: 1
name: short of money
customer:
  language: en
payments:
  - merchant: starbucks
    amount: 38.00
    when: 3h ago
    code: INSUFFICIENT_BALANCE
    available_before: 12.10
turns:
  - say: my coffee
    cause: insufficient_balance
    money: not_charged
    answer: [25.90, Starbucks]
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "coffee.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_file_is_read_and_the_rest_is_usual(tmp_path: Path) -> None:
    (scenario,) = read_file(write(tmp_path, GOOD))
    (payment,), (turn,) = scenario.payments, scenario.turns
    assert (scenario.name, scenario.signed_in, scenario.customer.language) == ("short of money", True, "en")
    assert (payment.status, payment.method, payment.amount) == ("failed", "balance", Money(3800, "CNY"))
    assert payment.available_before == Money(1210, "CNY")
    assert (turn.cause, turn.money) == (Cause.INSUFFICIENT_BALANCE, MoneyState.NOT_CHARGED)
    assert turn.answer.all == ("25.90", "Starbucks")


def test_several_scenarios_in_one_file(tmp_path: Path) -> None:
    text = "format: 1\nscenarios:\n- {name: a, turns: [{say: hi}]}\n- {name: b, turns: [{press: hi}]}\n"
    assert [s.name for s in read_file(write(tmp_path, text))] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "line", "field", "said"),
    [
        (("format: 1", "format: 2"), 1, "format", "must be 1"),
        (("format: 1\n", ""), 1, "", "the field format is missing"),
        (("name: short of money", "name:"), 2, "name", "must be text, not empty"),
        (("language: en", "langauge: en"), 4, "customer.langauge", "did you mean language?"),
        (("language: en", "language: fr"), 4, "customer.language", "one of en, zh, not 'fr'"),
        (("language: en", "zone: Peking"), 4, "customer.zone", "a time zone"),
        (("language: en", "country: XY"), 4, "customer.country", "ISO 3166"),
        (("language: en", "currency: RMB"), 4, "customer.currency", "ISO 4217"),
        (("language: en", "app_version: 1.0"), 4, "customer.app_version", "one of 8.6.0"),
        (("language: en", "limits: 500"), 4, "customer.limits", "must be a mapping"),
        (
            ("language: en", "cards: [{id: a, bank: b, last4: '41111'}]"),
            4,
            "customer.cards[1].last4",
            "four figures",
        ),
        (("merchant: starbucks", "merchant: starbuks"), 6, "payments[1].merchant", "did you mean starbucks?"),
        (("merchant: starbucks\n    amount", "amount"), 6, "payments[1]", "the field merchant is missing"),
        (("merchant: starbucks", "merchent: starbucks"), 6, "payments[1].merchent", "did you mean merchant?"),
        (("amount: 38.00", "amount: lots"), 7, "payments[1].amount", "an amount such as 38.00"),
        (("amount: 38.00", "amount: -3"), 7, "payments[1].amount", "an amount such as 38.00"),
        (("amount: 38.00", "amount: 0"), 7, "payments[1].amount", "above zero"),
        (("amount: 38.00", "amount: 38.005"), 7, "payments[1].amount", "2 decimal places"),
        (("amount: 38.00", "amount: 12.5 JPY"), 7, "payments[1].amount", "0 decimal places"),
        (("amount: 38.00", "amount: 12.5 MXN"), 7, "payments[1].amount", "a currency of the customer's"),
        (("amount: 38.00", "amount: [38]"), 7, "payments[1].amount", "not a list"),
        (("when: 3h ago", "when: three hours ago"), 8, "payments[1].when", "a time such as `3h ago`"),
        (("when: 3h ago", "when: yesterday 25:00"), 8, "payments[1].when", "a time such as `3h ago`"),
        (("when: 3h ago", "when: in 2h"), 8, "payments[1].when", "a time such as `3h ago`"),
        (("when: 3h ago", "when: 3h ago\n    when: 4h ago"), 9, "payments[1].when", "stands here twice"),
        (("code: I", "status: lost\n    code: I"), 9, "payments[1].status", "must be one of auth_expired"),
        (("code: I", "method: visa\n    code: I"), 9, "payments[1].method", "must be one of balance"),
        (("code: I", "rail: swift\n    code: I"), 9, "payments[1].rail", "must be one of alipay"),
        (
            ("code: I", "captured: +1s\n    code: I"),
            9,
            "payments[1].captured",
            "not go with the status failed",
        ),
        (("code: I", "attempts: []\n    code: I"), 10, "payments[1].code", "belongs into attempts"),
        (("code: I", "status: reversed\n    code: I"), 6, "payments[1]", "the field reversed is missing"),
        (("code: INSUFFICIENT_BALANCE", "refunds: [{amount: 5}]"), 9, "payments[1].refunds[1]", "accepted"),
        (("say: my coffee", "says: my coffee"), 12, "turns[1].says", "did you mean say?"),
        (("say: my coffee", "say: a\n    press: b"), 12, "turns[1]", "needs either say or press"),
        (("say: my coffee", "say: [a]"), 12, "turns[1].say", "must be text, not a list"),
        (("cause: insufficient_balance", "cause: bad_luck"), 13, "turns[1].cause", "must be one of account"),
        (
            ("cause: insufficient_balance", "cause: insufficient"),
            13,
            "turns[1].cause",
            "insufficient_balance?",
        ),
        (("money: not_charged", "money: gone"), 14, "turns[1].money", "must be one of"),
        (("money: not_charged", "handoff: maybe"), 14, "turns[1].handoff", "true or false, not 'maybe'"),
        (("answer: [25.90, Starbucks]", "answer: 25.90"), 15, "turns[1].answer", "must be a mapping"),
        (
            ("answer: [25.90, Starbucks]", "answer: {every: [a]}"),
            15,
            "turns[1].answer.every",
            "no such field",
        ),
        (("turns:\n  - say: my coffee\n", "turns: [\n"), 13, "", "is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, change: tuple[str, str], line: int, field: str, said: str
) -> None:
    assert change[0] in GOOD
    file = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(BadScenario) as error:
        read_file(file)
    message = str(error.value)
    assert message.startswith(f"{file}, line {line}")
    assert message.startswith(f"{file}, line {line}{f', {field}' if field else ''}:")
    assert said in message


def test_the_usual_merchants_names_are_taken(tmp_path: Path) -> None:
    text = GOOD.replace("payments:", "merchants: {luckin: {name_zh: 甲, name_en: A}}\npayments:")
    with pytest.raises(BadScenario, match="always there"):
        read_file(write(tmp_path, text))


def test_files_are_found_in_folders_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file = write(tmp_path / "deep", GOOD)
    assert find_files([tmp_path, file]) == [file]
    with pytest.raises(BadScenario, match="no such file"):
        find_files([tmp_path / "other"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadScenario, match=r"no \.yml file"):
        find_files([tmp_path / "empty"])


PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
FIELDS = {
    name
    for module in (reading, read_customer, read_payments)
    for group, names in vars(module).items()
    if group.isupper() and isinstance(names, tuple) and not group.startswith("_")
    for name in names
}


def test_the_page_names_every_field() -> None:
    assert {name for name in FIELDS if not re.search(rf"\b{name}\b", PAGE)} == set()


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_pages_examples_are_well_formed(tmp_path: Path, example: str) -> None:
    assert read_file(write(tmp_path, example))
