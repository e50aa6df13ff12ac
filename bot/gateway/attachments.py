"""Pictures of the customers' API: uploaded, then sent in a message; seen by their customer and by agents."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile

from bot.gateway.callers import ConversationHere, PartsHere, SessionHere, address_of
from bot.gateway.logs import event
from bot.gateway.messages import checked_key
from bot.gateway.problems import Problem, not_found
from bot.images import MAX_BYTES, UnusablePicture, redraw
from bot.store import Attachment, IdempotencyConflict, TooManyPictures

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/conversations/{conversation_id}/attachments")

PATH = re.compile(r"/api/conversations/[^/]+/attachments")
MOST = MAX_BYTES + 16_384  # bytes of an upload: the file, and the form around it
DRAWING = ThreadPoolExecutor(2, "drawing")  # pictures drawn anew at one time: each takes much memory


@router.post("", status_code=201)
async def upload(
    request: Request,
    conversation: ConversationHere,
    session: SessionHere,
    parts: PartsHere,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Takes a picture (form field `file`) to be sent in a message; the same key gives the same picture."""
    # A visitor is somebody new with each session, so visitors are counted by where they come from.
    parts.upload_limit.check(session.subject if session.customer_id else f"visitors:{address_of(request)}")
    key = checked_key(idempotency_key)
    data = await _file(request)
    digest = hashlib.sha256(data).hexdigest()
    try:
        known = await parts.pictures.known(conversation.id, key, digest)
        if known is not None:
            return _attachment_json(known)
        picture = await asyncio.get_running_loop().run_in_executor(DRAWING, redraw, data)
        kept = await parts.pictures.add(conversation.id, picture, key, digest)
    except UnusablePicture as error:
        event(log, "picture.refused", conversation=conversation.id, why=error.kind)
        raise Problem(413 if error.kind == "picture_too_large" else 415, error.kind) from None
    except TooManyPictures:
        raise Problem(409, "too_many_pictures") from None
    except IdempotencyConflict:
        raise Problem(409, "key_reused") from None
    event(log, "picture.kept", conversation=conversation.id, picture=kept.id, bytes=kept.size)
    return _attachment_json(kept)


async def _file(request: Request) -> bytes:
    """The form's one file. Raises a 400, 413 or 422 problem."""
    missing = Problem(422, "invalid", errors=[{"at": "body/file", "code": "missing"}])
    # Any other kind of form would be read to its end, however many fields it has.
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise missing
    try:
        async with request.form(max_files=1, max_fields=4, max_part_size=1_024) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise missing
            data = await file.read(MAX_BYTES + 1)
    except FormParserError:
        raise Problem(422, "invalid", errors=[{"at": "body", "code": "malformed"}]) from None
    if len(data) > MAX_BYTES:
        raise Problem(413, "picture_too_large")
    return data


@router.get("/{attachment_id}", response_class=Response)
async def picture(conversation: ConversationHere, attachment_id: str, parts: PartsHere) -> Response:
    """The picture itself, for whoever may read the conversation."""
    found = await parts.pictures.find(conversation.id, attachment_id)
    data = await parts.pictures.data(found) if found else None
    if found is None or data is None:
        raise not_found()
    return picture_response(found, data)


def picture_response(found: Attachment, data: bytes) -> Response:
    """A picture on its way to someone who may see it."""
    suffix = found.media_type.partition("/")[2]
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Vary": "Authorization",  # whoever uses the browser next has another token, or none
        "Content-Disposition": f'inline; filename="{found.id}.{suffix}"',
    }
    return Response(data, media_type=found.media_type, headers=headers)


def _attachment_json(row: Attachment) -> dict[str, Any]:
    return {"id": row.id, "width": row.width, "height": row.height, "size": row.size}
