"""The rows of customers' pictures, and the folder that holds their bytes."""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.images import Picture
from bot.store.models import Attachment, Conversation, utcnow
from bot.store.store import IdempotencyConflict

UNSENT = timedelta(days=1)  # how long an upload waits for the message that it was meant for
AT_A_TIME = 100  # unsent pictures forgotten with one upload


class Storage(Protocol):
    """Where pictures lie, by names that we make; an object store can take the folder's place."""

    async def put(self, name: str, data: bytes) -> None:
        """Keeps `data` under a new name."""

    async def get(self, name: str) -> bytes | None:
        """What is kept under the name, None when there is nothing."""

    async def remove(self, name: str) -> None:
        """Forgets what is kept under the name, if anything."""


class Folder:
    """Pictures as files of one folder, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def put(self, name: str, data: bytes) -> None:
        """See `Storage`. Half a picture is never left: it is written beside its place and moved there."""
        await asyncio.to_thread(self._write, name, data)

    def _write(self, name: str, data: bytes) -> None:
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._path / f".{name}"
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            beside.replace(self._path / name)
        finally:
            beside.unlink(missing_ok=True)

    async def get(self, name: str) -> bytes | None:
        """See `Storage`."""
        try:
            return await asyncio.to_thread((self._path / name).read_bytes)
        except FileNotFoundError:
            return None

    async def remove(self, name: str) -> None:
        """See `Storage`."""
        await asyncio.to_thread((self._path / name).unlink, missing_ok=True)


class TooManyPictures(Exception):
    """The conversation holds as many pictures as one may."""


class Pictures:
    """Customers' pictures, found only together with the conversation that they were sent in."""

    def __init__(self, engine: AsyncEngine, storage: Storage, most: int) -> None:
        """`most`: pictures in one conversation."""
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
        self._storage, self._most = storage, most

    async def find(self, conversation_id: str, picture_id: str) -> Attachment | None:
        """The picture of that id, if it is in this conversation."""
        query = select(Attachment).where(
            Attachment.id == picture_id, Attachment.conversation_id == conversation_id
        )
        async with self._session() as session:
            return (await session.execute(query)).scalar_one_or_none()

    async def data(self, picture: Attachment) -> bytes | None:
        """Its bytes; None when they are gone."""
        return await self._storage.get(picture.name)

    async def known(self, conversation_id: str, key: str | None, digest: str) -> Attachment | None:
        """The picture uploaded before under this idempotency key, None for a new one.

        Raises IdempotencyConflict when the key came with another picture, TooManyPictures when there
        is no place for a new one.
        """
        async with self._session() as session:
            if earlier := await self._earlier(session, conversation_id, key, digest):
                return earlier
            await self._check_place(session, conversation_id)
        return None

    async def add(self, conversation_id: str, picture: Picture, key: str | None, digest: str) -> Attachment:
        """Keeps a picture, not sent in a message yet, and forgets those that never were. Raises as `known`;
        the same upload at the same time gives the picture that came first."""
        suffix = picture.media_type.partition("/")[2]
        row = Attachment(
            conversation_id=conversation_id,
            client_key=key,
            digest=digest,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            size=len(picture.data),
            name=f"{secrets.token_hex(16)}.{suffix}",
        )
        needless = [row.name]
        await self._storage.put(row.name, picture.data)
        try:
            async with self._session() as session, session.begin():
                await self._lock(session, conversation_id)
                if earlier := await self._earlier(session, conversation_id, key, digest):
                    return earlier
                await self._check_place(session, conversation_id)
                session.add(row)
                forgotten = await self._forget_unsent(session)
            needless = forgotten
        finally:
            for name in needless:
                await self._storage.remove(name)
        return row

    async def _lock(self, session: AsyncSession, conversation_id: str) -> None:
        # One upload at a time to a conversation: the count below stays true until the row is written.
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(read_seq=Conversation.read_seq)
            .execution_options(synchronize_session=False)
        )

    async def _earlier(
        self, session: AsyncSession, conversation_id: str, key: str | None, digest: str
    ) -> Attachment | None:
        if key is None:
            return None
        query = select(Attachment).where(
            Attachment.conversation_id == conversation_id, Attachment.client_key == key
        )
        earlier: Attachment | None = (await session.execute(query)).scalar_one_or_none()
        if earlier is not None and earlier.digest != digest:
            raise IdempotencyConflict
        return earlier

    async def _check_place(self, session: AsyncSession, conversation_id: str) -> None:
        query = select(func.count()).where(Attachment.conversation_id == conversation_id)
        if (await session.execute(query)).scalar_one() >= self._most:
            raise TooManyPictures

    async def _forget_unsent(self, session: AsyncSession) -> list[str]:
        """Deletes the rows of old uploads that no message holds. Returns their names in the storage."""
        query = (
            select(Attachment)
            .where(Attachment.message_id.is_(None), Attachment.created_at < utcnow() - UNSENT)
            .limit(AT_A_TIME)
            .with_for_update(skip_locked=True)  # one that is being sent just now stays
        )
        old = list((await session.execute(query)).scalars())
        await session.execute(
            delete(Attachment)
            .where(Attachment.id.in_([one.id for one in old]))
            .execution_options(synchronize_session=False)
        )
        return [one.name for one in old]
