"""What has to happen by itself: agents who are gone, customers who are away, mails, calls to other desks."""

from __future__ import annotations

import asyncio
import logging
import time

from bot.gateway.logs import event, where
from bot.handoff.desk import Desk
from bot.handoff.mail import Mail
from bot.handoff.outbox import Outbox

log = logging.getLogger(__name__)

DELIVERIES = 1.0  # seconds between looks into the outbox
SWEEPS = 10.0  # seconds


class Rounds:
    """Goes its rounds while the gateway runs. Several processes may: whatever is done is done once."""

    def __init__(self, desk: Desk, outbox: Outbox, mail: Mail | None) -> None:
        self._desk, self._outbox, self._mail = desk, outbox, mail
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._task = asyncio.create_task(self._go())

    async def stop(self) -> None:
        """Ends; what is not delivered stays in the outbox."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _go(self) -> None:
        swept = 0.0
        while True:
            try:
                if time.monotonic() - swept >= SWEEPS:
                    swept = time.monotonic()
                    await self._desk.sweep()
                    if self._mail:
                        await self._mail.plan()
                while await self._outbox.deliver():
                    pass
            except Exception as error:
                event(log, "rounds.failed", level=logging.ERROR, error=where(error))
            await asyncio.sleep(DELIVERIES)
