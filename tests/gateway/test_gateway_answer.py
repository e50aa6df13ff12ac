"""How Rasa's messages become one bot message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import protocol
from bot.gateway.answer import assemble, name_handoff

CARD = protocol.card(
    cause="pending_at_channel",
    confidence="proven",
    money={"state": "debited_pending", "amount": "¥38.00", "label": "银行处理中", "account": "acc_1"},
    payment={
        "merchant": "星巴克",
        "amount": "¥38.00",
        "time": "昨天 15:20",
        "method": "余额",
        "status": "处理中",
        "id": "p_1",
    },
    timeline=[{"stage": "debited", "state": "done", "time": "昨天 15:20", "amount": "¥38.00", "id": "pst_1"}],
    evidence=[{"record": "att_1", "field": "outcome"}],
    next_actor="bank",
    resolves_at="2024-05-02T07:20:00Z",
    resolves="今天 15:20",
    urgency="medium",
)


def step(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "custom": protocol.step_part(), **more}


def request(urgency: str = "medium", **changes: Any) -> dict[str, Any]:
    made = protocol.handoff_request(reason="asked", urgency=urgency, summary="s", diagnosis=None)
    return {"custom": {**made, **changes}}


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [block["type"] for block in assemble(messages).reply.blocks]


def test_texts_are_joined_by_blank_lines() -> None:
    reply = assemble([{"text": "one"}, {"text": "two"}]).reply
    assert reply.text == "one\n\ntwo"
    assert reply.blocks == [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]


def test_steps_in_a_row_are_one_numbered_list() -> None:
    reply = assemble([{"text": "do"}, step("a"), step("b"), {"text": "then"}, step("c")]).reply
    assert reply.text == "do\n\n1. a\n2. b\n\nthen\n\n1. c"
    assert [b.get("items") for b in reply.blocks] == [None, ["a", "b"], None, ["c"]]


def test_points_in_a_row_are_one_text_and_nothing_to_tick() -> None:
    points = [{"text": text, "custom": protocol.point_part()} for text in ("a", "b")]
    reply = assemble([{"text": "why"}, *points, {"text": "then"}]).reply
    assert reply.text == "why\n\n· a\n· b\n\nthen"
    assert [block["type"] for block in reply.blocks] == ["text", "text", "text"]


def test_a_card_loses_its_evidence_and_whatever_else_names_records() -> None:
    [block] = assemble([{"custom": CARD}]).reply.blocks
    assert block["type"] == "diagnosis"
    assert set(block) == {
        "type",
        "cause",
        "confidence",
        "money",
        "payment",
        "timeline",
        "next_actor",
        "resolves_at",
        "resolves",
        "urgency",
    }
    assert block["money"] == {"state": "debited_pending", "amount": "¥38.00", "label": "银行处理中"}
    assert set(block["payment"]) == {"merchant", "amount", "time", "method", "status"}
    assert block["timeline"] == [
        {"stage": "debited", "state": "done", "time": "昨天 15:20", "amount": "¥38.00"}
    ]
    for internal in ("att_1", "acc_1", "p_1", "pst_1"):
        assert internal not in str(block)


def test_order_is_kept() -> None:
    button = [{"title": "t", "payload": "/p"}]
    assert kinds(
        [{"custom": CARD}, {"text": "a"}, step("b"), {"text": "c", "buttons": button}, request()]
    ) == [
        "diagnosis",
        "text",
        "steps",
        "text",
        "quick_replies",
        "handoff",
    ]
    assert kinds([{"text": "with a card", "custom": CARD, "buttons": button}]) == [
        "text",
        "diagnosis",
        "quick_replies",
    ]
    assert kinds([step("last", buttons=button)]) == ["steps", "quick_replies"]


def test_buttons_keep_their_payloads_to_themselves() -> None:
    reply = assemble([{"text": "?", "buttons": [{"title": "one", "payload": "/choose"}]}]).reply
    [(option_id, title, payload)] = reply.options
    assert (title, payload) == ("one", "/choose")
    assert reply.blocks[1] == {"type": "quick_replies", "replies": [{"id": option_id, "title": "one"}]}
    assert "/choose" not in str(reply.blocks)
    assert reply.text == "?"


@pytest.mark.parametrize(
    "button",
    [
        None,
        "x",
        {},
        {"title": "t"},
        {"payload": "/p"},
        {"title": "", "payload": "/p"},
        {"title": "t", "payload": 1},
    ],
)
def test_a_bad_button_costs_only_itself(button: Any) -> None:
    answer = assemble([{"text": "?", "buttons": [button, {"title": "good", "payload": "/p"}]}])
    assert [title for _, title, _ in answer.reply.options] == ["good"]
    assert answer.malformed == 1


@pytest.mark.parametrize(
    "custom", [{**CARD, "money": "much"}, {**CARD, "cause": None}, {"kind": "card"}, {"kind": "?"}, [1], "x"]
)
def test_a_bad_card_costs_only_itself(custom: Any) -> None:
    answer = assemble([{"text": "the text", "custom": custom}])
    assert answer.reply.text == "the text"
    assert [b["type"] for b in answer.reply.blocks] == ["text"]
    assert answer.malformed == 1


def test_two_requests_for_a_human_are_one_the_more_urgent() -> None:
    answer = assemble([request("low"), {"text": "a"}, request("critical", summary="urgent"), request("high")])
    assert answer.handoff is not None
    assert (answer.handoff.urgency, answer.handoff.summary) == ("critical", "urgent")
    assert [b["type"] for b in answer.reply.blocks].count("handoff") == 1


def test_an_urgency_that_nobody_knows_is_medium() -> None:
    handoff = assemble([request("extreme")]).handoff
    assert handoff is not None and handoff.urgency == "medium"


def test_a_hand_off_gets_its_reference_in_block_and_text() -> None:
    reply = assemble([{"text": "a"}, request()]).reply
    name_handoff(reply, "queued", "H-7K3Q9", "编号 H-7K3Q9")
    assert reply.text == "a\n\n编号 H-7K3Q9"
    assert reply.blocks[1] == {"type": "handoff", "status": "queued", "reference": "H-7K3Q9"}


@pytest.mark.parametrize("messages", [[], [{}], [{"text": " "}], [{"text": 5}], [{"image": "x"}]])
def test_nothing_said_is_empty(messages: list[dict[str, Any]]) -> None:
    assert assemble(messages).empty


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KIND = st.sampled_from(["part", "card", "handoff_request", "?"]) | JSON
CUSTOM = st.fixed_dictionaries(
    {"kind": KIND}, optional={k: JSON for k in {*CARD, "part", "reason", "summary"} - {"kind"}}
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"text": JSON, "buttons": JSON | st.lists(JSON), "custom": JSON | CUSTOM}
        )
    )
)
def test_any_answer_is_survived(messages: list[dict[str, Any]]) -> None:
    assemble(messages)
