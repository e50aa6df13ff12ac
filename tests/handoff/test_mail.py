"""A mail to who was answered while away: one, and without a word of the conversation."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bot.handoff.desk import Desk
from bot.handoff.mail import CHANNEL, Mail
from bot.handoff.outbox import Outbox
from bot.settings import Secret
from bot.store import Conversation, Store
from tests.handoff.people import ANNA, ago, ask, change
from tests.handoff.test_outbox import deliver_all, entries

LINK = "https://support.wallet.example/"


class Postbox:
    """Takes mails, or refuses them."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.mails.append(
                (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
            )
        return self.answer


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


async def answered(
    desk: Desk, store: Store, conversation: Conversation, minutes: float, key: str = "k"
) -> None:
    if await desk.current(conversation.id) is None:
        await ask(desk, store, conversation)
        await desk.take(ANNA, conversation.id)
    message = await desk.say(ANNA, conversation.id, "Your refund of 88.00 has arrived", key)
    await change(store, message, created_at=ago(minutes=minutes))


def mailer(store: Store, url: str) -> tuple[Mail, Outbox]:
    mail = Mail(store.engine, Secret(url), "IM Wallet <support@wallet.example>", LINK, timedelta(minutes=10))
    return mail, Outbox(store.engine, {CHANNEL: mail})


async def test_who_is_away_gets_one_mail(desk: Desk, store: Store, alice: Conversation, postbox) -> None:
    box, url = postbox
    mail, out = mailer(store, url)
    await answered(desk, store, alice, minutes=11)
    await answered(desk, store, alice, minutes=10.5, key="k2")
    await mail.plan()
    await mail.plan()
    await deliver_all(out)
    await mail.plan()
    await deliver_all(out)
    [(to, sent)] = box.mails
    assert to == ["alice@example.com"]
    assert sent["Subject"] == "客服已回复您"
    assert sent["Auto-Submitted"] == "auto-generated"
    body = sent.get_content()
    assert LINK in body
    assert "88.00" not in body and "refund" not in body


async def test_who_has_read_it_gets_none(desk: Desk, store: Store, alice: Conversation, postbox) -> None:
    box, url = postbox
    mail, out = mailer(store, url)
    await answered(desk, store, alice, minutes=11)
    await mail.plan()
    newest = await store.newest(alice.id)
    await store.mark_read(alice.id, newest.seq)  # between planning and sending
    await deliver_all(out)
    await mail.plan()
    assert box.mails == []
    assert len(await entries(store, alice)) == 1


async def test_away_again_is_told_again(desk: Desk, store: Store, alice: Conversation, postbox) -> None:
    box, url = postbox
    mail, out = mailer(store, url)
    await answered(desk, store, alice, minutes=11)
    await mail.plan()
    await deliver_all(out)
    newest = await store.newest(alice.id)
    await store.mark_read(alice.id, newest.seq)
    await answered(desk, store, alice, minutes=11, key="k2")
    await mail.plan()
    await deliver_all(out)
    assert len(box.mails) == 2


async def test_who_is_here_or_has_no_address_gets_none(
    desk: Desk, store: Store, alice: Conversation, bob: Conversation, postbox
) -> None:
    box, url = postbox
    mail, out = mailer(store, url)
    await answered(desk, store, alice, minutes=1)
    await answered(desk, store, bob, minutes=60)
    await mail.plan()
    await deliver_all(out)
    assert box.mails == []


@pytest.mark.parametrize(("answer", "given_up"), [("451 later", False), ("550 no such user", True)])
async def test_a_refusal_is_final_only_if_the_server_says_so(
    desk: Desk, store: Store, alice: Conversation, postbox, answer: str, given_up: bool
) -> None:
    box, url = postbox
    box.answer = answer
    mail, out = mailer(store, url)
    await answered(desk, store, alice, minutes=11)
    await mail.plan()
    await deliver_all(out)
    [entry] = await entries(store, alice)
    assert (entry.failed == "refused") is given_up
    box.answer = "250 OK"
    await change(store, entry, due_at=ago(seconds=1))
    await deliver_all(out)
    assert len(box.mails) == (0 if given_up else 1)
