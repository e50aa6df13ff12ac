"""Cases: one for one thing, whoever asks again; a number and a promise; nobody sees another's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from actions import protocol
from tests.gateway.helpers import FakeRasa, Gateway, Person, rows


def case(about: str = "pay_1", **changes: Any) -> dict[str, Any]:
    made = protocol.case_request(
        about=about,
        cause="refund_overdue",
        title="京东 ¥1,599.00 · 11月17日 10:24",
        promised_by="2030-05-02T07:20:00+00:00",
        summary="topic: refund_timing",
        diagnosis={"cause": "refund_overdue", "evidence": [{"record": "ref_1"}]},
    )
    return {"custom": {**made, **changes}}


def open_one(person: Person, rasa: FakeRasa, about: str = "pay_1") -> dict[str, Any]:
    rasa.reply = lambda turn: [{"text": "已为您立案。"}, case(about)]
    return person.say("退款超时了")


def test_a_case_gets_a_number_and_keeps_its_promise(alice: Person, rasa: FakeRasa, db: Path) -> None:
    answer = open_one(alice, rasa)
    [row] = rows(db, "SELECT * FROM cases")
    block = answer["blocks"][-1]
    assert block["type"] == "case"
    assert block["reference"] == row["reference"]
    assert row["reference"].startswith("C-")
    assert block["promised_by"] == "2030-05-02T07:20:00.000Z"
    assert row["reference"] in answer["text"]
    assert (row["customer_id"], row["about"], row["status"]) == ("cust_alice", "pay_1", "open")
    assert "ref_1" in row["diagnosis"]
    for internal in ("pay_1", "ref_1"):
        assert internal not in str(answer)


def test_there_are_never_two_for_one_thing(alice: Person, rasa: FakeRasa, db: Path) -> None:
    first, second = open_one(alice, rasa), open_one(alice, rasa)
    other = open_one(alice, rasa, "pay_2")
    numbers = [answer["blocks"][-1]["reference"] for answer in (first, second, other)]
    assert numbers[0] == numbers[1] != numbers[2]
    assert len(rows(db, "SELECT * FROM cases")) == 2


def test_not_in_another_conversation_either(alice: Person, rasa: FakeRasa, db: Path) -> None:
    first = open_one(alice, rasa)
    assert "已经有工单" not in first["text"]
    alice.conversation = ""  # the next message opens a new one
    second = open_one(alice, rasa)
    assert f"已经有工单 {first['blocks'][-1]['reference']}" in second["text"]
    assert first["blocks"][-1]["reference"] == second["blocks"][-1]["reference"]
    assert len(rows(db, "SELECT * FROM cases")) == 1


def test_with_a_case_the_customer_gets_one_number_not_two(alice: Person, rasa: FakeRasa, db: Path) -> None:
    handoff = protocol.handoff_request(reason="diagnosis", urgency="high", summary="s", diagnosis=None)
    rasa.reply = lambda turn: [{"text": "好的。"}, case(), {"custom": handoff}]
    answer = alice.say("退款超时了")
    [made], [queued] = rows(db, "SELECT * FROM cases"), rows(db, "SELECT * FROM handoffs")
    assert made["reference"] in answer["text"]
    assert queued["reference"] not in str(answer)


def test_a_visitor_has_no_case(gateway: Gateway, rasa: FakeRasa, db: Path) -> None:
    answer = open_one(gateway.visitor(), rasa)
    assert rows(db, "SELECT * FROM cases") == []
    assert [block["type"] for block in answer["blocks"]] == ["text"]


def test_one_asks_after_ones_own_cases_only(
    alice: Person, bob: Person, gateway: Gateway, rasa: FakeRasa, db: Path
) -> None:
    number = open_one(alice, rasa)["blocks"][-1]["reference"]
    rasa.reply = lambda turn: [{"custom": protocol.case_list()}]
    mine = alice.say("我的工单怎么样了")
    assert [one["reference"] for one in mine["blocks"][0]["cases"]] == [number]
    assert number in mine["text"]
    for other in (bob, gateway.visitor()):
        theirs = other.say("how is my case")
        assert theirs["blocks"] == [{"type": "cases", "cases": []}]
        assert number not in str(theirs)
        assert theirs["text"]


def test_a_case_that_makes_no_sense_is_left_out(alice: Person, rasa: FakeRasa, db: Path) -> None:
    broken = [case(promised_by="soon"), case(promised_by="2030-05-02T07:20:00"), case(about="")]
    rasa.reply = lambda turn: [{"text": "好的。"}, *broken]
    assert alice.say("退款超时了")["text"] == "好的。"
    assert rows(db, "SELECT * FROM cases") == []
