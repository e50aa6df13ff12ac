"""For leads: reports and the audit log, to read and as tables to take along. And the desk's event stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from bot.gateway.desk import audit, reports, search
from bot.gateway.desk.audit import AuditQuery, entry_json
from bot.gateway.desk.caller import DeskHere, Me, guard
from bot.gateway.desk.events import desk_stream
from bot.gateway.desk.roles import PREFIX
from bot.gateway.problems import Problem
from bot.gateway.transcript import known_zone

router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])

Moment = Annotated[str | None, Query(max_length=40)]
Id = Annotated[str | None, Query(max_length=128)]
# A cell that begins so is a formula to a spreadsheet; text from outside must not be one.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MANY = ("handoff_reasons", "intents", "causes", "rating_distribution")


class Period:
    """The days that a report is about, as a dependency. Raises a 422 problem for what is none."""

    def __init__(
        self,
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
        zone: Annotated[str, Query(max_length=64)] = "Asia/Shanghai",
        language: Annotated[str | None, Query(max_length=8)] = None,
    ) -> None:
        found = known_zone(zone)
        if found is None:
            raise Problem(422, "invalid", errors=[{"at": "query/zone", "code": "unknown_zone"}])
        if not 0 <= (last - first).days < reports.LONGEST or not 2000 <= first.year <= last.year < 9000:
            raise Problem(422, "invalid", errors=[{"at": "query/to", "code": "period"}])
        self.first, self.last, self.zone, self.language = first, last, found, language


@router.get("/reports")
async def report(desk: DeskHere, period: Annotated[Period, Depends()]) -> dict[str, Any]:
    """The report over a period: in all, by day, by language."""
    try:
        return await desk.reports.report(period.first, period.last, period.zone, period.language)
    except reports.TooMuch:
        raise Problem(422, "report_too_large") from None


@router.get("/reports.csv", response_class=Response)
async def report_table(me: Me, desk: DeskHere, period: Annotated[Period, Depends()]) -> Response:
    """The report as a table, one row a day and language."""
    try:
        rows = await desk.reports.rows(period.first, period.last, period.zone, period.language)
    except reports.TooMuch:
        raise Problem(422, "report_too_large") from None
    await desk.audit.wrote(me, "report_exported", why=f"{period.first} to {period.last}")
    columns = ["day", "language", *reports.row([])]
    cells = ([_flat(row[name]) if name in MANY else row[name] for name in columns] for row in rows)
    return _table(f"report-{period.first}-{period.last}.csv", columns, cells)


def _flat(value: Any) -> str:
    pairs = value.items() if isinstance(value, dict) else ((one["name"], one["count"]) for one in value)
    return " ".join(f"{name}:{count}" for name, count in pairs)


def audit_query(
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    agent: Id = None,
    customer: Id = None,
    since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    until: Annotated[str | None, Query(alias="to", max_length=40)] = None,
) -> AuditQuery:
    """Which lines of the audit log are wanted. Raises a 422 problem."""
    return AuditQuery(before, agent, customer, search.moment(since), search.moment(until))


AuditHere = Annotated[AuditQuery, Depends(audit_query)]


@router.get("/audit")
async def audit_log(desk: DeskHere, wanted: AuditHere) -> dict[str, Any]:
    """A page of the audit log, the newest lines first."""
    found = await desk.audit.read(wanted, audit.PAGE + 1)
    return {"entries": [entry_json(one) for one in found[: audit.PAGE]], "more": len(found) > audit.PAGE}


@router.get("/audit.csv", response_class=Response)
async def audit_table(me: Me, desk: DeskHere, wanted: AuditHere) -> Response:
    """The audit log as a table; that it was taken is a line of its own."""
    await desk.audit.wrote(me, "audit_exported")
    found = await desk.audit.read(wanted, audit.MOST_EXPORTED)
    columns = [
        "id",
        "at",
        "agent_id",
        "agent_name",
        "role",
        "action",
        "customer_id",
        "conversation_id",
        "why",
    ]
    cells = ([getattr(one, name) for name in columns] for one in found)
    return _table("audit.csv", columns, cells)


def _table(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    # The mark lets spreadsheets read Chinese names right.
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


@router.get("/events", response_class=Response)
async def events(me: Me, desk: DeskHere) -> Response:
    """Server-sent events of this agent's desk."""
    return desk_stream(desk, me)
