"""The table of transitions, as the documentation draws it."""

from __future__ import annotations

import pytest

from bot.handoff import states
from bot.handoff.states import NotAllowed, NotPossible, after


def test_a_person_takes_over_and_the_bot_is_there_again() -> None:
    state = states.BOT
    for event, role, expected in (
        (states.REQUEST, states.THE_BOT, states.QUEUED),
        (states.TAKE, states.AGENT, states.ASSIGNED),
        (states.TRANSFER, states.OWNER, states.ASSIGNED),
        (states.PARK, states.SYSTEM, states.PARKED),
        (states.REOPEN, states.CUSTOMER, states.ASSIGNED),
        (states.RESOLVE, states.OWNER, states.BOT),
    ):
        state = after(state, event, {role})
        assert state == expected


def test_from_every_state_there_is_a_way_back_to_the_bot() -> None:
    leads_on = {state: {s.to for (a, _), s in states.TABLE.items() if a == state} for state in states.STATES}
    for state in states.STATES:
        reached, todo = {state}, [state]
        while todo:
            new = leads_on[todo.pop()] - reached
            reached |= new
            todo += new
        assert states.BOT in reached, state


def test_the_customer_may_leave_whenever_a_person_has_them() -> None:
    for state in set(states.STATES) - {states.BOT}:
        assert after(state, states.CANCEL, {states.CUSTOMER}) == states.BOT


@pytest.mark.parametrize("event", [states.RESOLVE, states.HAND_BACK, states.TRANSFER, states.REQUEUE])
def test_only_who_has_it_and_leads_may_pass_it_on(event: str) -> None:
    assert after(states.ASSIGNED, event, {states.AGENT, states.OWNER})
    assert after(states.ASSIGNED, event, {states.AGENT, states.LEAD})
    with pytest.raises(NotAllowed):
        after(states.ASSIGNED, event, {states.AGENT})
    with pytest.raises(NotAllowed):
        after(states.ASSIGNED, event, {states.CUSTOMER})


def test_what_is_not_in_the_table_cannot_happen() -> None:
    everyone = {states.CUSTOMER, states.THE_BOT, states.SYSTEM, states.AGENT, states.OWNER, states.LEAD}
    events = {event for _, event in states.TABLE}
    for state in states.STATES:
        for event in events:
            if (state, event) not in states.TABLE:
                with pytest.raises(NotPossible, match=f"{event} in {state}"):
                    after(state, event, everyone)
