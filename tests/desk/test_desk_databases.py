"""What the desk asks of the support database, on SQLite and, where there is a server, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.gateway.desk import context, labels, search
from bot.gateway.desk.accounts import Accounts, SignedIn
from bot.gateway.desk.audit import Audit, AuditQuery
from bot.gateway.desk.canned import Canned
from bot.gateway.desk.chats import Chats
from bot.gateway.desk.lockout import Lockout
from bot.gateway.desk.reports import Reports
from bot.gateway.desk.sessions import Sessions, sessions_of
from bot.handoff import Request, moves
from bot.handoff.customer import request
from bot.handoff.desk import Desk, Outcome
from bot.store import Conversation, NewMessage, NewReply, Store
from bot.store.models import utcnow
from tests.desk.people import CARD, PASSWORD
from tests.handoff.conftest import alice, bob, desk, migrated, postgres, store, url

__all__ = ["alice", "bob", "desk", "migrated", "postgres", "store", "url"]


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return sessions_of(store.engine)


async def someone(sessions: Sessions, name: str, role: str) -> SignedIn:
    accounts = Accounts(sessions)
    token, _ = await accounts.invite(f"{name}{id(sessions)}", name, role, made_by=None)
    secret, me = await accounts.accept(token, PASSWORD)
    assert (await accounts.of(secret, active=True)).id == me.id
    return me


async def test_a_chat_from_the_queue_to_the_report(
    store: Store, desk: Desk, sessions: Sessions, alice: Conversation, bob: Conversation
) -> None:
    anna, lead = await someone(sessions, "Anna", "agent"), await someone(sessions, "Chen", "lead")
    asked, _ = await store.add_customer_message(alice.id, NewMessage("100% of my parrot_s"), client_key="k")
    blocks = [{"type": "diagnosis", "cause": "refund_overdue"}, {"type": "steps", "items": ["wait"]}]
    await store.answer(asked, NewReply("so it is", blocks))
    async with sessions() as session, session.begin():
        wanted = Request("asked", "critical", "late refund", CARD)
        await request(session, desk.rules, await moves.lock(session, alice.id), wanted)

    chats, me = Chats(sessions), moves.agent(anna.id, "Anna")
    waiting, _ = await chats.queue()
    chat = next(one for one in waiting if one.id == alice.id)
    assert (chat.cause, chat.unread) == ("refund_overdue", 1)
    assert (await chats.waiting())[1] >= 1
    await desk.here(me)
    await desk.take(me, alice.id)
    assert [one.id for one in await chats.held(anna.id)] == [alice.id]
    assert (await chats.present())[anna.id] == 1
    await chats.views(anna, alice.id)
    await chats.views(anna, alice.id)
    assert (await chats.viewers([alice.id], lead))[alice.id] == [(anna.id, "Anna")]

    async with sessions() as session, session.begin():
        known = await context.known(session, await chats.find(anna, alice.id))
        assert len(known.steps) == 1 and known.still_not_working == 0
        assert await labels.put(session, alice.id, anna.id, ["b", "a"]) == ["a", "b"]
        found, more = await search.find(session, anna, "100% of my PARROT_S", None)
        assert alice.id in {hit.conversation_id for hit in found} and not more
        assert bob.id not in {hit.conversation_id for hit in found}
        assert await search.find(session, anna, "bob", None) == ([], False), "nothing of bob's may be read"
    await desk.resolve(me, alice.id, Outcome(result="solved", diagnosis_right=True))
    assert [one.id for one in await chats.done(anna)] == [alice.id]
    today = utcnow().date()
    told = await Reports(sessions).report(
        today - timedelta(1), today + timedelta(1), ZoneInfo("Asia/Shanghai")
    )
    assert told["total"]["diagnosis_confirmed"] >= 1
    assert "refund_overdue" in {one["name"] for one in told["total"]["causes"]}


async def test_what_is_written_twice_and_what_is_never_rewritten(store: Store, sessions: Sessions) -> None:
    lead = await someone(sessions, "Chen", "admin")
    canned, lockout, audit = Canned(sessions), Lockout(sessions), Audit(sessions)
    for words in ("hi", "hello"):
        await canned.keep(lead, "en", "hello", "Hi", words)
    assert (await canned.all("en"))[0].text == "hello"
    for _ in range(3):
        await lockout.failed("someone", "somewhere")
    await lockout.check("someone", "somewhere")
    await audit.wrote(lead, "context", customer="cust_1")
    assert len(await audit.read(AuditQuery(agent=lead.id), 10)) == 1
    for statement in ("UPDATE audit_log SET action = 'none'", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError):
            async with sessions() as session, session.begin():
                await session.execute(text(statement))
