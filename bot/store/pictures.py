"""The rows of customers' pictures, and the folder that holds their bytes."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.images import Picture
from bot.store.models import Attachment
from bot.store.store import IdempotencyConflict


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
            beside.write_bytes(data)
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
        mine = Attachment.conversation_id == conversation_id
        async with self._session() as session:
            if key is not None:
                query = select(Attachment).where(mine, Attachment.client_key == key)
                earlier = (await session.execute(query)).scalar_one_or_none()
                if earlier is not None and earlier.digest != digest:
                    raise IdempotencyConflict
                if earlier is not None:
                    return earlier
            count = (await session.execute(select(func.count()).where(mine))).scalar_one()
        if count >= self._most:
            raise TooManyPictures
        return None

    async def add(self, conversation_id: str, picture: Picture, key: str | None, digest: str) -> Attachment:
        """Keeps a picture, not sent in a message yet. Raises as `known`."""
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
        await self._storage.put(row.name, picture.data)
        try:
            async with self._session() as session, session.begin():
                session.add(row)
        except BaseException as error:
            await self._storage.remove(row.name)
            # The same upload came twice at the same time.
            earlier = (
                await self.known(conversation_id, key, digest) if isinstance(error, IntegrityError) else None
            )
            if earlier is None:
                raise
            return earlier
        return row
