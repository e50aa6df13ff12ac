"""Reading and writing the support database. Every method is one transaction.

A conversation is only ever found together with the subject it belongs to, so that nobody
can read another's by knowing its id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.store.models import (
    ANSWERED,
    BOT,
    CLOSED,
    CUSTOMER,
    RECEIVED,
    SYSTEM,
    Attachment,
    Case,
    Conversation,
    EndedSession,
    Message,
    Rating,
    ReplyOption,
    new_id,
    utcnow,
)

PAGE = 500  # messages in one read


class IdempotencyConflict(Exception):
    """The same idempotency key came with another content."""


class UnknownReply(Exception):
    """No such button was issued in this conversation, no such picture or message is in it."""


@dataclass(frozen=True)
class Overview:
    """A conversation as its owner's list shows it."""

    conversation: Conversation
    updated_at: datetime
    unread: int  # messages of others after the read mark
    last_text: str  # of the newest message; may be long, is "" for none


@dataclass(frozen=True)
class NewMessage:
    """What a customer sent: words, a pressed button (`option_id`), pictures, or words of the gateway's own
    with the `payload` that they stand for."""

    text: str = ""
    masked: bool = False  # a secret was taken out of the text
    option_id: str | None = None
    attachments: Sequence[str] = ()
    payload: str | None = None


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
        self,
        *,
        subject: str,
        customer_id: str | None,
        language: str,
        email: str | None = None,
        customer_name: str | None = None,
    ) -> Conversation:
        """A new, empty conversation. What is known of the customer comes only from a verified token."""
        async with self._session() as session, session.begin():
            conversation = Conversation(
                subject=subject,
                customer_id=customer_id,
                customer_name=customer_name,
                language=language,
                email=email,
            )
            session.add(conversation)
        return conversation

    async def conversation(self, conversation_id: str, subject: str) -> Conversation | None:
        """The conversation if it is this subject's; None alike for another's and for none."""
        query = select(Conversation).where(
            Conversation.id == conversation_id, Conversation.subject == subject
        )
        async with self._session() as session:
            return (await session.execute(query)).scalar_one_or_none()

    async def overviews(
        self, subject: str, conversation_id: str | None = None, *, limit: int = 20
    ) -> list[Overview]:
        """A subject's newest conversations, newest message first; or only the one named."""
        unread = (
            select(func.count())
            .where(
                Message.conversation_id == Conversation.id,
                Message.seq > Conversation.read_seq,
                Message.author != CUSTOMER,
            )
            .correlate(Conversation)
            .scalar_subquery()
        )
        newest = func.coalesce(Message.created_at, Conversation.created_at)
        newest_message = and_(
            Message.conversation_id == Conversation.id, Message.seq == Conversation.last_seq
        )
        query = (
            select(Conversation, Message, unread)
            .outerjoin(Message, newest_message)
            .where(Conversation.subject == subject)
            .order_by(newest.desc(), Conversation.id)
            .limit(limit)
        )
        if conversation_id is not None:
            query = query.where(Conversation.id == conversation_id)
        async with self._session() as session:
            rows = (await session.execute(query)).all()
        return [
            Overview(
                conversation=conversation,
                updated_at=message.created_at if message else conversation.created_at,
                unread=count,
                last_text=message.text if message else "",
            )
            for conversation, message, count in rows
        ]

    async def mark_read(self, conversation_id: str, seq: int) -> None:
        """Its owner has seen the conversation up to `seq`; a mark only ever moves forward."""
        async with self._session() as session, session.begin():
            await session.execute(
                update(Conversation)
                .where(
                    Conversation.id == conversation_id,
                    Conversation.read_seq < seq,
                    Conversation.last_seq >= seq,
                )
                .values(read_seq=seq)
                .execution_options(synchronize_session=False)
            )

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
        self, conversation_id: str, new: NewMessage, *, client_key: str | None
    ) -> tuple[Message, bool]:
        """Writes down what the customer sent.

        Returns the message and whether it is new: the same key with the same content gives
        the message stored before. Raises IdempotencyConflict for the same key with another
        content, UnknownReply for a button or a picture that this conversation does not have.
        """
        if earlier := await self._by_key(conversation_id, client_key):
            return _same_or_conflict(earlier, new), False
        try:
            async with self._session() as session, session.begin():
                message = Message(
                    id=new_id("msg"),
                    conversation_id=conversation_id,
                    seq=await self._next_seq(session, conversation_id),
                    author=CUSTOMER,
                    text=new.text,
                    state=RECEIVED,
                    client_key=client_key,
                    masked=new.masked,
                    payload=new.payload,
                    blocks=[],
                )
                session.add(message)
                if new.option_id is not None:
                    await self._press(session, message, new.option_id)
                if new.attachments:
                    await session.flush()
                    await self._attach(session, message, new)
            return message, True
        except IntegrityError:
            # Someone wrote the same key in between.
            earlier = await self._by_key(conversation_id, client_key)
            if earlier is None:
                raise
            return _same_or_conflict(earlier, new), False

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

    async def _attach(self, session: AsyncSession, message: Message, new: NewMessage) -> None:
        """Binds pictures to the message, and to the customer's newest open case, which may want a proof."""
        conversation = await session.get(Conversation, message.conversation_id)
        case = await _newest_open_case(session, conversation.customer_id)
        query = select(Attachment).where(
            Attachment.conversation_id == message.conversation_id,
            Attachment.id.in_(new.attachments),
            Attachment.message_id.is_(None),
        )
        found = {one.id: one for one in (await session.execute(query)).scalars()}
        if len(found) != len(set(new.attachments)):
            raise UnknownReply
        blocks: list[dict[str, Any]] = [{"type": "text", "text": new.text}] if new.text else []
        for one in (found[each] for each in dict.fromkeys(new.attachments)):
            one.message_id, one.case_id = message.id, case.id if case else None
            block = {"type": "image", "id": one.id, "width": one.width, "height": one.height}
            blocks.append({**block, "case": case.reference} if case else block)
        message.blocks = blocks

    # steps that a customer has done

    async def tick(
        self, conversation_id: str, message_id: str, done: Sequence[int], *, untick: bool = True
    ) -> list[str] | None:
        """Keeps which of a message's steps are done; with `untick` no others are. Returns all its steps'
        words; None when the conversation has no such message with steps, or a number is none of a step."""
        async with self._session() as session, session.begin():
            query = select(Message).where(
                Message.id == message_id, Message.conversation_id == conversation_id
            )
            message = (await session.execute(query.with_for_update())).scalar_one_or_none()
            blocks = [dict(block) for block in message.blocks] if message else []
            steps = next((block for block in blocks if block.get("type") == "steps"), None)
            if message is None or steps is None or not all(0 <= n < len(steps["items"]) for n in done):
                return None
            steps["done"] = sorted({*done, *(() if untick else steps.get("done", ()))})
            message.blocks = blocks
            return list(steps["items"])

    # sessions that were signed out of

    async def end_session(self, session_id: str, until: datetime) -> None:
        """Remembers that a session is over, and forgets those whose tokens have run out by themselves."""
        async with self._session() as session, session.begin():
            await session.execute(delete(EndedSession).where(EndedSession.until < utcnow()))
        await self._replace(EndedSession(id=session_id, until=until))

    async def session_ended(self, session_id: str) -> bool:
        """Whether the session was signed out of."""
        async with self._session() as session:
            return await session.get(EndedSession, session_id) is not None

    async def newest(self, conversation_id: str) -> Message | None:
        """The newest message of a conversation, None in an empty one."""
        query = select(Message).where(Message.conversation_id == conversation_id)
        async with self._session() as session:
            newest = query.order_by(Message.seq.desc()).limit(1)
            return (await session.execute(newest)).scalar_one_or_none()

    async def say_as_system(
        self, conversation_id: str, text: str, blocks: Sequence[dict[str, Any]] = ()
    ) -> Message:
        """Adds a message of the service itself, which answers nothing."""
        async with self._session() as session, session.begin():
            message = Message(
                conversation_id=conversation_id,
                seq=await self._next_seq(session, conversation_id),
                author=SYSTEM,
                text=text,
                blocks=[{"type": "text", "text": text}, *blocks],
            )
            session.add(message)
        return message

    async def rate(self, conversation_id: str, score: int, words: str) -> None:
        """Keeps how the customer found the conversation, in place of what they said of it before."""
        await self._replace(
            Rating(conversation_id=conversation_id, score=score, words=words, created_at=utcnow())
        )

    async def _replace(self, row: Any) -> None:
        """Writes a row in place of the one with its key, if there is one."""
        try:
            async with self._session() as session, session.begin():
                await session.merge(row)
        except IntegrityError:
            # Someone wrote one with this key in between; now it is there to be replaced.
            async with self._session() as session, session.begin():
                await session.merge(row)

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

    async def hear(
        self, message: Message, before: Callable[[AsyncSession, Conversation], Awaitable[None]]
    ) -> bool:
        """Marks a message as done with without an answer, together with whatever `before` writes.
        False when it was done with already."""
        async with self._session() as session, session.begin():
            query = (
                update(Message)
                .where(Message.id == message.id, Message.state == RECEIVED)
                .values(state=ANSWERED)
                .execution_options(synchronize_session=False)
            )
            conversation = await locked(session, message.conversation_id)
            if conversation is None or (await session.execute(query)).rowcount != 1:
                return False
            await before(session, conversation)
        return True

    async def answer(self, message: Message, reply: NewReply, before: Before | None = None) -> Message | None:
        """Writes the one answer to `message`, its buttons, whatever `before` writes, and the mark
        that it is answered: all or nothing, and nothing when `before` raises. None when it was answered
        already.
        """
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


async def locked(session: AsyncSession, conversation_id: str) -> Conversation | None:
    """The conversation as it is now, with all other writers to it waiting; None for none.

    Wherever it is used it is the first statement: on SQLite it also takes the one place to write.
    """
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq)
        .execution_options(synchronize_session=False)
    )
    query = select(Conversation).where(Conversation.id == conversation_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


def _same_or_conflict(earlier: Message, new: NewMessage) -> Message:
    pictures = [block["id"] for block in earlier.blocks if block.get("type") == "image"]
    same = earlier.option_id == new.option_id and pictures == list(dict.fromkeys(new.attachments))
    if not same or (new.option_id is None and earlier.text != new.text):
        raise IdempotencyConflict
    return earlier


async def _newest_open_case(session: AsyncSession, customer_id: str | None) -> Case | None:
    if customer_id is None:
        return None
    query = (
        select(Case)
        .where(Case.customer_id == customer_id, Case.status != CLOSED)
        .order_by(Case.created_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()
