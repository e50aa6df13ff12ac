"""An e-mail to a customer who was answered while they were away: one for each time they are away.

The address comes from a verified token and from nothing else; the mail holds no word of the conversation.
"""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.handoff import outbox
from bot.handoff.outbox import Hopeless
from bot.handoff.sentences import say
from bot.settings import Secret
from bot.store.handoff_models import OutboxEntry
from bot.store.models import AGENT, Conversation, Message, utcnow

CHANNEL = "mail"
TIMEOUT = 15.0  # seconds
OLDEST = timedelta(days=2)  # of an answer that is still told of
PORTS = {"smtp": 587, "smtps": 465}


class Mail:
    """Sends through the server at `smtp_url`: smtp://user:password@host:port, or smtps:// for TLS throughout.

    smtp:// uses STARTTLS when the server offers it, and refuses to send a password without.
    """

    def __init__(
        self, engine: AsyncEngine, smtp_url: Secret, sender: str, link: str, after: timedelta
    ) -> None:
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
        self._url, self._sender, self._link, self._after = smtp_url, sender, link, after

    async def plan(self) -> int:
        """Puts a mail into the outbox for each customer who has not read an agent's answer for so long."""
        now = utcnow()
        query = (
            select(Conversation.id, Conversation.read_seq)
            .join(Message, Message.conversation_id == Conversation.id)
            .where(
                Conversation.email.is_not(None),
                Message.author == AGENT,
                Message.seq > Conversation.read_seq,
                Message.created_at < now - self._after,
                Message.created_at > now - OLDEST,
            )
            .distinct()
        )
        async with self._session() as session:
            unread = (await session.execute(query)).all()
        planned = 0
        for conversation_id, read_seq in unread:
            try:
                async with self._session() as session, session.begin():
                    about = {"read": read_seq}
                    key = f"{CHANNEL}:{conversation_id}:{read_seq}"
                    planned += await outbox.put(session, CHANNEL, conversation_id, "answered", about, key)
            except IntegrityError:
                continue  # another process was quicker
        return planned

    async def __call__(self, entry: OutboxEntry) -> None:
        """Sends the mail of an outbox entry, unless the customer has been here since.

        Raises Hopeless when the server will never take it, other errors when it may later.
        """
        async with self._session() as session:
            conversation = await session.get(Conversation, entry.conversation_id)
        if conversation is None or conversation.read_seq > entry.about["read"]:
            return
        message = EmailMessage()
        message["From"], message["To"] = self._sender, conversation.email
        message["Subject"] = say("mail_subject", conversation.language)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply, please
        # The same for every attempt, so that a mail server may see that it is one mail.
        message["Message-ID"] = f"<outbox-{entry.id}@{self._sender.rpartition('@')[2].strip('> ')}>"
        message.set_content(say("mail_body", conversation.language, link=self._link))
        await self._send(message)

    async def _send(self, message: EmailMessage) -> None:
        url = urlsplit(self._url.reveal())
        try:
            await aiosmtplib.send(
                message,
                hostname=url.hostname,
                port=url.port or PORTS[url.scheme],
                username=unquote(url.username) if url.username else None,
                password=unquote(url.password) if url.password else None,
                use_tls=url.scheme == "smtps",
                start_tls=True if url.scheme == "smtp" and url.username else None,
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code >= 500 for refused in error.recipients):
                raise Hopeless("refused") from None
            raise
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= 500:
                raise Hopeless("refused") from None
            raise
