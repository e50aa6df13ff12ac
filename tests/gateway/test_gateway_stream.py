"""The event stream: nothing lost and nothing twice, whenever one connects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.gateway import identity
from bot.gateway.stream import last_seen
from tests.gateway.helpers import FakeRasa, Gateway, Json, Person


def take(events: Iterator[Json], count: int) -> list[Json]:
    """The first `count` messages; the stream is closed after them."""
    found = []
    for event in events:
        if event.get("event") == "message":
            found.append(event)
        if len(found) == count:
            return found
    raise AssertionError("the stream ended early")


def test_the_stream_begins_with_what_was_said(alice: Person) -> None:
    alice.say("one")
    events = take(alice.events(), 2)
    assert [e["id"] for e in events] == ["1", "2"]
    assert [e["data"] for e in events] == alice.messages()


def test_the_stream_goes_on_with_what_is_said_then(alice: Person, rasa: FakeRasa) -> None:
    rasa.delay = 0.1
    alice.say("one")
    seen = []
    for event in alice.events():
        if "comment" in event:
            continue
        seen.append((event["event"], event.get("id")))
        if event.get("id") == "2":
            alice.post({"text": "two"})
        if event.get("id") == "4":
            break
    assert [s for s in seen if s[0] == "message"] == [("message", str(n)) for n in (1, 2, 3, 4)]
    assert seen.index(("message", "3")) < seen.index(("typing", None)) < seen.index(("message", "4"))


@pytest.mark.parametrize(
    ("headers", "query"),
    [({"Last-Event-ID": "2"}, ""), ({}, "?after=2"), ({"Last-Event-ID": "2"}, "?after=0")],
)
def test_the_stream_resumes_after_the_last_seen_message(
    alice: Person, headers: dict[str, str], query: str
) -> None:
    alice.say("one")
    alice.say("two")
    assert [e["id"] for e in take(alice.events(headers, query), 2)] == ["3", "4"]


def test_messages_while_disconnected_are_not_lost(alice: Person) -> None:
    alice.say("one")
    assert [e["id"] for e in take(alice.events(), 2)] == ["1", "2"]
    alice.say("two")  # nobody listens
    assert [e["data"]["text"] for e in take(alice.events({"Last-Event-ID": "2"}), 2)] == ["two", "heard: two"]


def test_two_windows_see_the_same(alice: Person) -> None:
    alice.say("one")
    first, second = alice.events(), alice.events()
    assert take(first, 2) == take(second, 2)


def test_a_quiet_stream_shows_signs_of_life(start) -> None:
    alice = start(heartbeat=0.1).signed_in("cust_alice")
    events = alice.events()
    assert next(events) == {"event": "status", "data": {"mode": "bot"}}
    assert next(events) == {"comment": "still here"}


@pytest.mark.parametrize(
    ("header", "after", "expected"),
    [
        ("7", None, 7),
        ("7", 3, 7),
        (None, 3, 3),
        (None, None, 0),
        ("", 2, 2),
        ("-1", None, 0),
        ("x", 4, 4),
        ("9" * 30, None, 0),
        ("٣", None, 0),
    ],
)
def test_where_to_resume(header: str | None, after: int | None, expected: int) -> None:
    assert last_seen(header, after) == expected


def test_the_stream_ends_with_the_session(alice: Person, gateway: Gateway, monkeypatch) -> None:
    alice.say("one")
    monkeypatch.setattr(identity, "ACCESS_LIFETIME", timedelta(seconds=1.5))
    short = gateway.signed_in("cust_alice")
    short.conversation = alice.conversation
    assert [e["id"] for e in short.events() if e.get("event") == "message"] == ["1", "2"]
    assert short.http.get(f"{short.path}/messages").status_code == 401
