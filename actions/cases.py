"""Cases as the customer meets them: opened when they agree or ask, looked after, shown pictures."""

from __future__ import annotations

from actions import protocol
from actions.answer import is_news, is_traced, open_case, say_changes, say_next
from actions.base import CustomerAction
from actions.conversation import Conversation
from actions.payments import answer_about_payment, diagnoses, in_focus, records


async def open_asked(talk: Conversation, *, agreed: bool) -> None:
    """Open a case for the payment last explained; find that payment first when there is none.

    `agreed`: the bot has offered it; without an offer only what is worth a case gets one.
    """
    payments = await records(talk)
    details, focus = talk.details(payments), in_focus(talk, payments)
    if focus is None or details.merchant or details.amount:
        await answer_about_payment(talk, talk.slot("topic") or "payment_failed", details, payments)
        return
    ranked = await diagnoses(talk, focus)
    if is_traced(ranked[0]) or (agreed and not is_news(talk, ranked[0], focus)):
        open_case(talk, ranked[0], focus)
    elif is_news(talk, ranked[0], focus):
        say_changes(talk, ranked, focus)
    else:
        talk.say("utter_case_not_needed")
        say_next(talk, ranked[0], focus)


class OpenCase(CustomerAction):
    """ "开工单": by button or in words."""

    def name(self) -> str:
        return "action_open_case"

    async def act(self, talk: Conversation) -> None:
        if talk.customer is None:
            talk.say("utter_sign_in")
            return
        await open_asked(talk, agreed=talk.slot("offered") == "case")


class CaseStatus(CustomerAction):
    """ "我的工单怎么样了": the gateway knows the cases; here only what to say to a visitor."""

    def name(self) -> str:
        return "action_case_status"

    async def act(self, talk: Conversation) -> None:
        if talk.customer is None:
            talk.say("utter_sign_in")
            return
        talk.send(protocol.case_list())
        talk.say("utter_case_status")


class PictureSent(CustomerAction):
    """A screenshot without words. People can see it, the bot can not."""

    def name(self) -> str:
        return "action_picture_sent"

    async def act(self, talk: Conversation) -> None:
        case = talk.entity("case")
        if case:
            talk.say("utter_picture_in_case", case=str(case))
        elif talk.slot("handed_off"):
            talk.say("utter_picture_for_agent")
        else:
            talk.remember(offered="human")
            talk.say("utter_picture_unread")
            talk.say("utter_offer_human")
