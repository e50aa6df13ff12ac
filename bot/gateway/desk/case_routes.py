"""Cases at the desk: what was promised to whom by when, notes on it, and its end."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk import search
from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.bodies import CloseCase, Text
from bot.gateway.desk.caller import DeskHere, Me, guard
from bot.gateway.desk.chats import readable
from bot.gateway.desk.context import case_json, picture_json
from bot.gateway.desk.roles import PREFIX
from bot.gateway.logs import event
from bot.gateway.masking import mask
from bot.gateway.messages import timestamp
from bot.gateway.problems import Problem, not_found
from bot.store.desk_models import CaseNote
from bot.store.models import CLOSED, OPEN, Attachment, Case, Conversation, Message, utcnow

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])

PAGE = 50
MOST_NOTES = 200


def _readable_case(me: SignedIn) -> Any:
    """A case may be read by whoever may read a conversation of its customer's; all by leads."""
    if me.lead:
        return true()
    return (
        select(Conversation.id)
        .where(Conversation.customer_id == Case.customer_id, readable(me))
        .correlate(Case)
        .exists()
    )


@router.get("/cases")
async def cases(
    me: Me,
    desk: DeskHere,
    status: Literal["open", "closed"] = "open",
    after: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Open cases, the soonest promised first; or closed ones, the last promised first."""
    beyond = search.moment(after)
    query = select(Case).where(_readable_case(me))
    if status == "open":
        query = query.where(Case.status != CLOSED).order_by(Case.promised_by, Case.id)
        query = query.where(Case.promised_by > beyond) if beyond else query
    else:
        query = query.where(Case.status == CLOSED).order_by(Case.promised_by.desc(), Case.id)
        query = query.where(Case.promised_by < beyond) if beyond else query
    async with desk.sessions() as session:
        found = list((await session.execute(query.limit(PAGE + 1))).scalars())
    shown = found[:PAGE]
    await desk.audit.wrote_many(me, "cases", [(one.customer_id, one.conversation_id) for one in shown])
    return {
        "cases": [case_json(one) for one in shown],
        "next": timestamp(shown[-1].promised_by) if len(found) > PAGE else None,
    }


@router.get("/cases/{case_id}")
async def one(case_id: str, me: Me, desk: DeskHere) -> dict[str, Any]:
    """A case with its story, notes and pictures."""
    async with desk.sessions() as session:
        case = await _find(session, me, case_id)
        await desk.audit.wrote(
            me, "case", customer=case.customer_id, conversation=case.conversation_id, why=case.reference
        )
        notes = select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.created_at)
        pictures = (
            select(Attachment, Message.seq)
            .join(Message, Message.id == Attachment.message_id)
            .where(Attachment.case_id == case.id)
            .order_by(Attachment.created_at)
            .limit(PAGE)
        )
        return {
            **case_json(case),
            "summary": case.summary,
            "diagnosis": case.diagnosis,
            "notes": [
                _note_json(note) for note in (await session.execute(notes.limit(MOST_NOTES))).scalars()
            ],
            "pictures": [picture_json(picture, seq) for picture, seq in await session.execute(pictures)],
        }


@router.post("/cases/{case_id}/notes", status_code=201)
async def note(case_id: str, me: Me, desk: DeskHere, body: Text) -> dict[str, Any]:
    """A note on a case; customers never see it."""
    async with desk.sessions() as session, session.begin():
        case = await _find(session, me, case_id)
        written = _write(session, case, me, body.clean())
        await session.flush()
    return _note_json(written)


@router.post("/cases/{case_id}/close")
async def close(case_id: str, me: Me, desk: DeskHere, body: CloseCase) -> dict[str, Any]:
    """Ends a case, with the word why. 409 when it has ended already."""
    async with desk.sessions() as session, session.begin():
        case = await _find(session, me, case_id)
        done = await session.execute(
            update(Case)
            .where(Case.id == case.id, Case.status == OPEN)
            .values(status=CLOSED, updated_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:
            raise Problem(409, "wrong_state")
        _write(session, case, me, body.note)
        await session.refresh(case)
    event(log, "desk.case_closed", case=case.id, agent=me.id)
    return case_json(case)


async def _find(session: AsyncSession, me: SignedIn, case_id: str) -> Case:
    query = select(Case).where(Case.id == case_id, _readable_case(me))
    case = (await session.execute(query)).scalar_one_or_none()
    if case is None:
        raise not_found()
    return case


def _write(session: AsyncSession, case: Case, me: SignedIn, text: str) -> CaseNote:
    row = CaseNote(
        case_id=case.id, agent_id=me.id, agent_name=me.agent.name, text=mask(text).text, created_at=utcnow()
    )
    session.add(row)
    return row


def _note_json(row: CaseNote) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "agent": {"name": row.agent_name},
        "created_at": timestamp(row.created_at),
    }
