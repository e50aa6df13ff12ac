"""Reading and writing the support database. Every method is one transaction.

A conversation is only ever found together with the subject it belongs to, so that nobody
can read another's by knowing its id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.store.models import (
    ANSWERED,
    BOT,
    CUSTOMER,
    RECEIVED,
    Conversation,
    Message,
    ReplyOption,
    new_id,
    utcnow,
)

PAGE = 500  # messages in one read


class IdempotencyConflict(Exception):
    """The same idempotency key came with another content."""


class UnknownReply(Exception):
    """No such button was issued in this conversation."""


@dataclass
class NewReply:
    """A bot message to be written: its text, blocks and the buttons that the blocks name."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    options: list[tuple[str, str, str]] = field(default_factory=list)  # (id, title, payload)
    author: str = BOT


# Runs in the answer's transaction before the reply is written; may change the reply.
Before = Callable[[AsyncSession, Conversation, NewReply], Awaitable[None]]


class Store:
    """The support database behind methods that each do one thing completely or not at all."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)

    async def close(self) -> None:
        """Gives the connections back."""
        await self.engine.dispose()

    async def ping(self) -> None:
        """Raises when the database cannot be read or has no tables."""
        async with self._session() as session:
            await session.execute(select(Conversation.id).limit(1))

    # conversations

    async def create_conversation(
        self, *, subject: str, customer_id: str | None, language: str
    ) -> Conversation:
        """A new, empty conversation. `customer_id` only from a verified token."""
        async with self._session() as session, session.begin():
            conversation = Conversation(subject=subject, customer_id=customer_id, language=language)
            session.add(conversation)
        return conversation

    async def conversation(self, conversation_id: str, subject: str) -> Conversation | None:
        """The conversation if it is this subject's; None alike for another's and for none."""
        query = select(Conversation).where(
            Conversation.id == conversation_id, Conversation.subject == subject
        )
        async with self._session() as session:
            return (await session.execute(query)).scalar_one_or_none()

    # messages

    async def messages(self, conversation_id: str, after: int = 0) -> list[Message]:
        """At most `PAGE` messages with a `seq` above `after`, in order."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.seq > after)
            .order_by(Message.seq)
            .limit(PAGE)
        )
        async with self._session() as session:
            return list((await session.execute(query)).scalars())

    async def add_customer_message(
        self,
        conversation_id: str,
        *,
        client_key: str | None,
        text: str = "",
        masked: bool = False,
        option_id: str | None = None,
    ) -> tuple[Message, bool]:
        """Writes down what the customer sent, words (`text`) or a pressed button (`option_id`).

        Returns the message and whether it is new: the same key with the same content gives
        the message stored before. Raises IdempotencyConflict for the same key with another
        content, UnknownReply for a button not issued in this conversation.
        """
        if earlier := await self._by_key(conversation_id, client_key):
            return _same_or_conflict(earlier, text, option_id), False
        try:
            async with self._session() as session, session.begin():
                message = Message(
                    conversation_id=conversation_id,
                    seq=await self._next_seq(session, conversation_id),
                    author=CUSTOMER,
                    text=text,
                    state=RECEIVED,
                    client_key=client_key,
                    masked=masked,
                    blocks=[],
                )
                if option_id is not None:
                    await self._press(session, message, option_id)
                session.add(message)
            return message, True
        except IntegrityError:
            # Someone wrote the same key in between.
            earlier = await self._by_key(conversation_id, client_key)
            if earlier is None:
                raise
            return _same_or_conflict(earlier, text, option_id), False

    async def _next_seq(self, session: AsyncSession, conversation_id: str) -> int:
        # First statement of every writer: it locks the conversation, so numbers come one at a time.
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(last_seq=Conversation.last_seq + 1)
            .execution_options(synchronize_session=False)
        )
        query = select(Conversation.last_seq).where(Conversation.id == conversation_id)
        return (await session.execute(query)).scalar_one()

    async def _by_key(self, conversation_id: str, key: str | None) -> Message | None:
        if key is None:
            return None
        query = select(Message).where(Message.conversation_id == conversation_id, Message.client_key == key)
        async with self._session() as session:
            return (await session.execute(query)).scalar_one_or_none()

    async def _press(self, session: AsyncSession, message: Message, option_id: str) -> None:
        option = await session.get(ReplyOption, option_id)
        if option is None or option.conversation_id != message.conversation_id:
            raise UnknownReply
        option.used_at = option.used_at or utcnow()
        message.text, message.payload, message.option_id = option.title, option.payload, option.id

    # turns

    async def unanswered(self, older_than: datetime | None = None) -> list[str]:
        """Conversations that hold a message without an answer (written before `older_than`)."""
        query = select(Message.conversation_id).where(Message.state == RECEIVED).distinct()
        if older_than is not None:
            query = query.where(Message.created_at < older_than)
        async with self._session() as session:
            return list((await session.execute(query)).scalars())

    async def next_unanswered(self, conversation_id: str) -> tuple[Conversation, Message] | None:
        """The earliest message of the conversation that has no answer yet."""
        query = (
            select(Conversation, Message)
            .join(Message, Message.conversation_id == Conversation.id)
            .where(Conversation.id == conversation_id, Message.state == RECEIVED)
            .order_by(Message.seq)
            .limit(1)
        )
        async with self._session() as session:
            row = (await session.execute(query)).first()
        return (row[0], row[1]) if row else None

    async def answer(self, message: Message, reply: NewReply, before: Before | None = None) -> Message | None:
        """Writes the one answer to `message`, its buttons, whatever `before` writes, and the mark
        that it is answered: all or nothing. None when it was answered already."""
        try:
            async with self._session() as session, session.begin():
                seq = await self._next_seq(session, message.conversation_id)
                marked = await session.execute(
                    update(Message)
                    .where(Message.id == message.id, Message.state == RECEIVED)
                    .values(state=ANSWERED)
                    .execution_options(synchronize_session=False)
                )
                if marked.rowcount != 1:
                    await session.rollback()
                    return None
                if before is not None:
                    conversation = await session.get(Conversation, message.conversation_id)
                    await before(session, conversation, reply)
                written = Message(
                    id=new_id("msg"),
                    conversation_id=message.conversation_id,
                    seq=seq,
                    author=reply.author,
                    text=reply.text,
                    blocks=reply.blocks,
                    reply_to=message.id,
                )
                session.add(written)
                await session.flush()
                session.add_all(
                    ReplyOption(
                        id=option_id,
                        conversation_id=message.conversation_id,
                        message_id=written.id,
                        title=title,
                        payload=payload,
                    )
                    for option_id, title, payload in reply.options
                )
            return written
        except IntegrityError:
            if await self._has_answer(message.id):
                return None
            raise

    async def _has_answer(self, message_id: str) -> bool:
        query = select(Message.id).where(Message.reply_to == message_id)
        async with self._session() as session:
            return (await session.execute(query)).first() is not None


def _same_or_conflict(earlier: Message, text: str, option_id: str | None) -> Message:
    same = earlier.option_id == option_id and (option_id is not None or earlier.text == text)
    if not same:
        raise IdempotencyConflict
    return earlier
