"""Which role each route of the desk needs: the one table, read by the one dependency of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.store.desk_models import ADMIN_ROLE as ADMIN
from bot.store.desk_models import AGENT_ROLE as AGENT
from bot.store.desk_models import LEAD_ROLE as LEAD
from bot.store.desk_models import ROLES

PREFIX = "/api/desk"
PUBLIC = "public"  # no session is needed
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # these change nothing (RFC 9110, 9.2.1)

CHAT = "/chats/{chat_id}"
LEAST: dict[tuple[str, str], str] = {
    # signing in
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/session"): PUBLIC,
    ("GET", "/session"): AGENT,
    ("DELETE", "/session"): AGENT,
    ("POST", "/session/everywhere"): AGENT,
    ("PUT", "/password"): AGENT,
    ("POST", "/invites/look"): PUBLIC,
    ("POST", "/invites/accept"): PUBLIC,
    ("GET", "/oidc/start"): PUBLIC,
    ("GET", "/oidc/callback"): PUBLIC,
    # the queue and the chats; which of them is each route's own question
    ("GET", "/queue"): AGENT,
    ("GET", "/chats"): AGENT,
    ("GET", "/choices"): AGENT,
    ("GET", "/search"): AGENT,
    ("GET", "/events"): AGENT,
    ("GET", "/agents"): AGENT,
    ("POST", "/presence"): AGENT,
    ("GET", "/labels"): AGENT,
    ("GET", CHAT): AGENT,
    ("POST", f"{CHAT}/take"): AGENT,
    ("POST", f"{CHAT}/transfer"): AGENT,
    ("POST", f"{CHAT}/queue"): AGENT,
    ("POST", f"{CHAT}/return"): AGENT,
    ("POST", f"{CHAT}/resolve"): AGENT,
    ("GET", f"{CHAT}/messages"): AGENT,
    ("POST", f"{CHAT}/messages"): AGENT,
    ("POST", f"{CHAT}/typing"): AGENT,
    ("POST", f"{CHAT}/viewing"): AGENT,
    ("DELETE", f"{CHAT}/viewing"): AGENT,
    ("GET", f"{CHAT}/notes"): AGENT,
    ("POST", f"{CHAT}/notes"): AGENT,
    ("GET", f"{CHAT}/history"): AGENT,
    ("PUT", f"{CHAT}/labels"): AGENT,
    ("GET", f"{CHAT}/context"): AGENT,
    ("GET", f"{CHAT}/suggestion"): AGENT,
    ("GET", f"{CHAT}/attachments/{{picture_id}}"): AGENT,
    ("GET", f"{CHAT}/earlier"): AGENT,
    ("GET", f"{CHAT}/earlier/{{earlier_id}}/messages"): AGENT,
    # cases and canned replies
    ("GET", "/cases"): AGENT,
    ("GET", "/cases/{case_id}"): AGENT,
    ("POST", "/cases/{case_id}/close"): AGENT,
    ("POST", "/cases/{case_id}/notes"): AGENT,
    ("GET", "/canned"): AGENT,
    ("PUT", "/canned/{language}/{key}"): LEAD,
    ("DELETE", "/canned/{language}/{key}"): LEAD,
    # leads and admins
    ("GET", "/reports"): LEAD,
    ("GET", "/reports.csv"): LEAD,
    ("GET", "/audit"): LEAD,
    ("GET", "/audit.csv"): LEAD,
    ("GET", "/accounts"): ADMIN,
    ("PATCH", "/accounts/{agent_id}"): ADMIN,
    ("POST", "/accounts/{agent_id}/sign-out"): ADMIN,
    ("POST", "/accounts/{agent_id}/reset"): ADMIN,
    ("POST", "/invites"): ADMIN,
    ("DELETE", "/invites/{invite_id}"): ADMIN,
}
# Calls that a page makes by itself: they do not show that anyone sits before it.
BY_ITSELF = frozenset(
    {("POST", "/presence"), ("POST", f"{CHAT}/viewing"), ("GET", "/events")},
)


def enough(role: str, least: str) -> bool:
    """Whether someone of this role may do what needs `least`."""
    return ROLES.index(role) >= ROLES.index(least)


def desk_routes(routes: Iterable[Any]) -> set[tuple[str, str]]:
    """Every (method, path without prefix) of the desk among an app's routes."""
    return {
        (method, route.path[len(PREFIX) :])
        for route in routes
        if getattr(route, "path", "").startswith(f"{PREFIX}/")
        for method in route.methods or ()
    }
