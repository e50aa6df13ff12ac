"""The store's promises: one number each, one answer each, each to its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import handoff
from bot.store import (
    Conversation,
    Handoff,
    IdempotencyConflict,
    NewMessage,
    NewReply,
    ReplyOption,
    Store,
    UnknownReply,
    migrate,
)
from bot.store.engine import open_engine


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('store') / 'support.db'}"
    migrate.upgrade(made)
    return made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = Store(open_engine(url))
    yield opened
    await opened.close()


@pytest.fixture
async def alice(store: Store) -> Conversation:
    return await store.create_conversation(subject="customer:alice", customer_id="alice", language="zh")


@pytest.fixture
async def bob(store: Store) -> Conversation:
    return await store.create_conversation(subject="customer:bob", customer_id="bob", language="en")


async def say(store: Store, conversation: Conversation, words: str, key: str | None = None):
    message, _ = await store.add_customer_message(conversation.id, NewMessage(text=words), client_key=key)
    return message


async def test_a_conversation_is_found_with_its_subject_only(store: Store, alice: Conversation) -> None:
    found = await store.conversation(alice.id, "customer:alice")
    assert found is not None and found.id == alice.id
    assert await store.conversation(alice.id, "customer:bob") is None
    assert await store.conversation(alice.id, "visitor:charlie") is None
    assert await store.conversation("conv_made_up", "customer:alice") is None


async def test_times_are_aware(store: Store, alice: Conversation) -> None:
    await say(store, alice, "hi")
    [message] = await store.messages(alice.id)
    assert message.created_at.tzinfo is not None
    assert abs(datetime.now(timezone.utc) - message.created_at) < timedelta(minutes=1)


async def test_numbers_have_no_gaps_even_when_many_write(store: Store, alice: Conversation) -> None:
    await asyncio.gather(
        *(say(store, alice, f"m{n}", key=f"k{n % 10}" if n < 10 else None) for n in range(20))
    )
    assert [m.seq for m in await store.messages(alice.id)] == list(range(1, 21))
    assert [m.seq for m in await store.messages(alice.id, after=18)] == [19, 20]


async def test_the_same_key_is_the_same_message(store: Store, alice: Conversation, bob: Conversation) -> None:
    first, new = await store.add_customer_message(alice.id, NewMessage(text="hi"), client_key="k")
    again, new_again = await store.add_customer_message(alice.id, NewMessage(text="hi"), client_key="k")
    assert (new, new_again) == (True, False)
    assert first.id == again.id
    with pytest.raises(IdempotencyConflict):
        await store.add_customer_message(alice.id, NewMessage(text="another"), client_key="k")
    _, new_for_bob = await store.add_customer_message(bob.id, NewMessage(text="another"), client_key="k")
    assert new_for_bob


async def test_the_same_key_at_the_same_time_is_the_same_message(store: Store, alice: Conversation) -> None:
    calls = (store.add_customer_message(alice.id, NewMessage(text="hi"), client_key="k") for _ in range(10))
    results = await asyncio.gather(*calls)
    assert len({message.id for message, _ in results}) == 1
    assert [new for _, new in results].count(True) == 1
    await say(store, alice, "next")
    assert [m.seq for m in await store.messages(alice.id)] == [1, 2]


async def test_a_message_is_answered_once(store: Store, alice: Conversation) -> None:
    message = await say(store, alice, "hi")
    replies = await asyncio.gather(*(store.answer(message, NewReply(f"answer {n}")) for n in range(5)))
    [written] = [r for r in replies if r is not None]
    assert (written.seq, written.reply_to, written.author) == (2, message.id, "bot")
    assert await store.answer(message, NewReply("late")) is None
    assert len(await store.messages(alice.id)) == 2


async def test_unanswered_messages_are_found_in_order(
    store: Store, alice: Conversation, bob: Conversation
) -> None:
    first, _second = await say(store, alice, "one"), await say(store, alice, "two")
    assert alice.id in await store.unanswered()
    assert bob.id not in await store.unanswered()
    assert alice.id not in await store.unanswered(datetime.now(timezone.utc) - timedelta(minutes=1))
    found = await store.next_unanswered(alice.id)
    assert found is not None and found[1].id == first.id
    for expected in ("one", "two"):
        found = await store.next_unanswered(alice.id)
        assert found is not None and found[1].text == expected
        await store.answer(found[1], NewReply("ok"))
    assert await store.next_unanswered(alice.id) is None
    assert alice.id not in await store.unanswered()


async def test_an_answer_is_written_completely_or_not_at_all(store: Store, alice: Conversation) -> None:
    message = await say(store, alice, "hi")

    async def fail(session: AsyncSession, conversation: Conversation, reply: NewReply) -> None:
        await handoff.create(session, conversation, handoff.Request("asked", "low", "s"))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await store.answer(message, NewReply("hello", options=[("opt_half", "t", "/p")]), fail)
    assert await store.next_unanswered(alice.id) is not None
    assert len(await store.messages(alice.id)) == 1
    assert await handoffs(store, alice) == []
    written = await store.answer(message, NewReply("hello"))
    assert written is not None and written.seq == 2


async def test_a_button_is_pressed_in_its_own_conversation(
    store: Store, alice: Conversation, bob: Conversation
) -> None:
    message = await say(store, alice, "hi")
    await store.answer(message, NewReply("?", options=[("opt_a", "星巴克", "/choose")]))
    with pytest.raises(UnknownReply):
        await store.add_customer_message(bob.id, NewMessage(option_id="opt_a"), client_key=None)
    with pytest.raises(UnknownReply):
        await store.add_customer_message(alice.id, NewMessage(option_id="opt_b"), client_key=None)
    pressed, _ = await store.add_customer_message(alice.id, NewMessage(option_id="opt_a"), client_key=None)
    assert (pressed.text, pressed.payload, pressed.seq) == ("星巴克", "/choose", 3)
    async with AsyncSession(store.engine) as session:
        option = await session.get(ReplyOption, "opt_a")
        assert option.used_at is not None
    assert await store.messages(bob.id) == []


async def test_foreign_keys_are_kept_and_wal_is_on(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO reply_options (id, conversation_id, message_id, title, payload)"
                    " VALUES ('o', 'nowhere', 'nothing', 't', 'p')"
                )
            )
    async with store.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"


async def test_values_stay_out_of_database_errors(store: Store) -> None:
    with pytest.raises(IntegrityError) as failed:
        async with store.engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO messages (id, conversation_id, text) VALUES ('m', 'c', :t)"),
                {"t": "私密的话"},
            )
    assert "私密的话" not in str(failed.value)


async def handoffs(store: Store, conversation: Conversation) -> list[Handoff]:
    async with AsyncSession(store.engine) as session:
        query = select(Handoff).where(Handoff.conversation_id == conversation.id)
        return list((await session.execute(query)).scalars())


async def ask(store: Store, conversation: Conversation, request: handoff.Request) -> None:
    async with AsyncSession(store.engine) as session, session.begin():
        await handoff.create(session, await session.get(Conversation, conversation.id), request)


async def test_one_open_hand_off_a_conversation(store: Store, alice: Conversation, bob: Conversation) -> None:
    await say(store, alice, "钱不见了")
    card = {"cause": "refund_overdue", "evidence": [{"record": "ref_1"}]}
    await ask(store, alice, handoff.Request("diagnosis", "high", "退款超时", card))
    await say(store, alice, "快点")
    await ask(store, alice, handoff.Request("asked", "low", "客户催促"))
    await ask(store, bob, handoff.Request("asked", "low", "bob"))
    [made] = await handoffs(store, alice)
    assert (made.reason, made.urgency, made.summary, made.status) == (
        "diagnosis",
        "high",
        "客户催促",
        "queued",
    )
    assert made.diagnosis == card
    assert [line["text"] for line in made.transcript] == ["钱不见了", "快点"]
    assert made.customer_id == "alice"
    assert len(await handoffs(store, bob)) == 1


async def test_after_a_closed_hand_off_a_new_one_may_open(store: Store, alice: Conversation) -> None:
    await ask(store, alice, handoff.Request("asked", "low", "one"))
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE handoffs SET status = 'closed'"))
    await ask(store, alice, handoff.Request("asked", "low", "two"))
    made = await handoffs(store, alice)
    assert sorted(h.status for h in made) == ["closed", "queued"]
    assert len({h.reference for h in made}) == 2


async def test_two_open_hand_offs_cannot_be_written(store: Store, alice: Conversation) -> None:
    await ask(store, alice, handoff.Request("asked", "low", "one"))
    with pytest.raises(IntegrityError):
        async with AsyncSession(store.engine) as session, session.begin():
            session.add(
                Handoff(
                    reference="H-XXXXX",
                    conversation_id=alice.id,
                    language="zh",
                    reason="asked",
                    urgency="low",
                    summary="",
                    transcript=[],
                )
            )
