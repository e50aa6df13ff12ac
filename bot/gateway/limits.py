"""How much one caller may send: the size of a request and the number in a minute.

In-process: with several gateways each counts for itself.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway.problems import Problem

WINDOW = 60.0  # seconds
MAX_KEYS = 50_000  # callers remembered; the longest silent are forgotten first


class RateLimit:
    """At most `limit` calls in any 60 seconds for one key."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Counts one call. Raises a 429 problem, with Retry-After, when it is one too many."""
        now = self._clock()
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= self._limit:
            wait = max(1, round(calls[0] + WINDOW - now + 0.5))
            raise Problem(429, "too_many", headers={"Retry-After": str(wait)})
        calls.append(now)
        if len(self._calls) > MAX_KEYS:
            self._calls.popitem(last=False)


class BodyLimit:
    """ASGI middleware that ends a request whose body is larger than `limit` bytes, or than what `larger`
    says for paths of that pattern."""

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[re.Pattern[str], int]) -> None:
        self.app, self.limit, self.larger = app, limit, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what arrives; a declared length is not trusted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fitting = (size for pattern, size in self.larger.items() if pattern.fullmatch(scope["path"]))
        limit, received = next(fitting, self.limit), 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise Problem(413, "too_large")
            return message

        await self.app(scope, counted, send)
