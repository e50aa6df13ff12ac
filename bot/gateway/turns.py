"""Takes customers' stored messages to Rasa, in order, and writes down the one answer to each.

A message waits in the store until it is answered, so neither a crash nor a restart loses it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from actions import protocol
from actions.protocol import Turn
from bot import handoff
from bot.gateway import answer as answers
from bot.gateway.answer import Answer
from bot.gateway.hub import MESSAGE, TYPING, Hub
from bot.gateway.identity import sign_identity
from bot.gateway.logs import event, where
from bot.gateway.messages import case_json
from bot.gateway.rasa import RasaFailed, Said
from bot.gateway.sentences import say, written_in
from bot.handoff import customer, sentences, status
from bot.handoff.cases import known_case
from bot.handoff.customer import Withheld
from bot.handoff.desk import Desk
from bot.handoff.states import PROMISED, SILENT
from bot.settings import Settings
from bot.store import Conversation, Handoff, Message, NewReply, Store
from bot.store.models import CLOSED, OPEN, Case, utcnow

log = logging.getLogger(__name__)

SECRET_SHARED = "/secret_shared"  # noqa: S105 - to Rasa, before words that a secret was taken out of
BEGIN_ANEW = "/restart"  # to Rasa, before the first words after a person had the conversation
# Payloads of buttons that need no Rasa.
ASK_HUMAN = "gateway:human"
BACK_TO_BOT = "gateway:bot"
PARALLEL = 32  # conversations at Rasa at one time
RETRY_PAUSES = (0.5, 2.0, 5.0)  # seconds, when the store refuses to write
SWEEP_EVERY = 30.0  # seconds
SWEEP_AGE = timedelta(seconds=60)


class Rasa(Protocol):
    """What turns need of Rasa; `bot.gateway.rasa.RasaClient` is the real one."""

    async def say(self, turn: Turn) -> Said:
        """The bot's messages, and what it understood. Raises RasaFailed."""

    async def understand(self, text: str) -> dict[str, Any] | None:
        """What words mean, without answering them; None when it cannot tell."""

    async def ready(self) -> bool:
        """Whether it can answer."""


class Turns:
    """One worker a conversation, started when there is something to answer.

    Who answers is looked up twice: before Rasa is asked, and again in the transaction that writes what the
    bot says. So nothing that the bot was still thinking of is said once a person has the conversation.
    """

    def __init__(self, store: Store, rasa: Rasa, hub: Hub, desk: Desk, settings: Settings) -> None:
        self._store, self._rasa, self._hub, self._desk, self._settings = store, rasa, hub, desk, settings
        self._waiting: set[str] = set()
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(PARALLEL)
        self._recovery: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Takes up what an earlier process left unanswered, and watches for stragglers."""
        self._recovery = asyncio.create_task(self._recover())

    async def stop(self) -> None:
        """Ends the workers; messages not yet answered stay in the store for the next start."""
        tasks = [*self._workers.values(), *([self._recovery] if self._recovery else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def nudge(self, conversation_id: str) -> None:
        """There is a new message in the conversation."""
        self._waiting.add(conversation_id)
        if conversation_id not in self._workers:
            self._workers[conversation_id] = asyncio.create_task(self._work(conversation_id))

    async def _work(self, conversation_id: str) -> None:
        try:
            while conversation_id in self._waiting:
                self._waiting.discard(conversation_id)
                async with self._places:
                    await self._drain(conversation_id)
        except Exception as error:
            # The sweep comes back to it.
            event(
                log, "turn.abandoned", level=logging.ERROR, conversation=conversation_id, error=where(error)
            )
        finally:
            # No await since the last look at `_waiting`, so no nudge can have been missed.
            self._workers.pop(conversation_id, None)

    async def _drain(self, conversation_id: str) -> None:
        while found := await self._store.next_unanswered(conversation_id):
            conversation, message = found
            handoff_now = await self._desk.current(conversation_id)
            try:
                if message.payload == BACK_TO_BOT:
                    await self._back_to_bot(conversation, message)
                elif handoff_now is not None and handoff_now.status in SILENT:
                    await self._hear(conversation, message, handoff_now)
                else:
                    await self._respond(conversation, message)
            except Withheld:
                event(log, "turn.withheld", conversation=conversation_id, message=message.id)

    async def _respond(self, conversation: Conversation, message: Message) -> None:
        """The bot answers."""
        started = time.monotonic()
        await self._hub.publish(conversation.id, TYPING)
        answer = await self._answer(conversation, message)
        written = await self._write(message, answer)
        event(
            log,
            "turn.answered" if written else "turn.answered_elsewhere",
            conversation=conversation.id,
            message=message.id,
            ms=round(1000 * (time.monotonic() - started)),
            handoff=answer.handoff.reason if answer.handoff else None,
            left_out=answer.malformed or None,
        )
        if answer.handoff:
            await self._desk.announce(conversation.id)
        else:
            await self._hub.publish(conversation.id, MESSAGE)

    async def _hear(self, conversation: Conversation, message: Message, handoff_now: Handoff) -> None:
        """A person has the conversation, or is awaited: the bot only understands, and says so once."""
        language = written_in(message.text, conversation.language)
        understood = await self._rasa.understand(message.text) if message.text else None
        acknowledging = customer.to_acknowledge(handoff_now)

        async def record(
            session: AsyncSession, conversation: Conversation, _: NewReply | None = None
        ) -> None:
            await customer.heard(
                session,
                self._desk.rules,
                conversation,
                message,
                understood,
                acknowledging=acknowledging,
            )

        if acknowledging:
            button = (sentences.say("back_button", language), BACK_TO_BOT)
            reply = answers.plain(sentences.say("acknowledged", language), [button]).reply
            await self._store.answer(message, reply, record)
        else:
            await self._store.hear(message, record)
        event(log, "turn.heard", conversation=conversation.id, message=message.id)
        await self._desk.announce(conversation.id)

    async def _back_to_bot(self, conversation: Conversation, message: Message) -> None:
        """The customer would rather go on with the bot than wait."""
        language = written_in(message.text, conversation.language)

        async def record(session: AsyncSession, conversation: Conversation, _: NewReply) -> None:
            await customer.cancel(session, self._desk.rules, conversation)

        await self._store.answer(message, answers.plain(sentences.say("cancelled", language)).reply, record)
        await self._desk.announce(conversation.id)

    async def _answer(self, conversation: Conversation, message: Message) -> Answer:
        language = written_in(message.text, conversation.language)
        if message.payload == ASK_HUMAN:
            return _bring_human(language)
        warning = _pictures_received(message, language)
        try:
            if await self._desk.begins_anew(conversation.id):
                await self._rasa.say(self._turn(conversation, message, BEGIN_ANEW))
            if message.masked:
                warning += (await self._rasa.say(self._turn(conversation, message, SECRET_SHARED))).messages
            said = await self._rasa.say(self._turn(conversation, message))
            if answers.assemble(said.messages).empty:
                raise RasaFailed("empty answer")
            answer = answers.assemble([*warning, *said.messages])
            answer.understood = said.understood
            return answer
        except Exception as error:
            # Whatever it was, a customer is never left without an answer and a way on.
            event(
                log,
                "turn.failed",
                level=logging.WARNING,
                conversation=conversation.id,
                message=message.id,
                why=f'"{error}"' if isinstance(error, RasaFailed) else where(error),
            )
            sorry = {
                "text": say("trouble", language),
                "buttons": [{"title": say("human_button", language), "payload": ASK_HUMAN}],
            }
            return answers.assemble([*warning, sorry])

    def _turn(self, conversation: Conversation, message: Message, before: str | None = None) -> Turn:
        """The message as a turn, or a payload of the gateway's own that goes before it."""
        payload = before or message.payload or _of_pictures(message)
        return Turn(
            sender=conversation.id,
            message_id=f"{message.id}-{before.strip('/')}" if before else message.id,
            text=None if payload else message.text,
            payload=payload,
            identity=sign_identity(self._settings, conversation.customer_id, conversation.id),
            language=conversation.language,
        )

    async def _write(self, message: Message, answer: Answer) -> Message | None:
        async def record(session: AsyncSession, conversation: Conversation, reply: NewReply) -> None:
            await customer.speaking(session, conversation)
            await customer.understand(session, message, answer.understood)
            language = written_in(reply.text or message.text, conversation.language)
            case = None
            if answer.case:
                known = await known_case(session, conversation, answer.case.about)
                case = await handoff.open_case(session, conversation, answer.case)
                sentence = "case_known" if known else "case_opened"
                said = say(sentence, language, reference=case.reference) if case else ""
                answers.name_case(reply, case_json(case) if case else None, said)
            if answer.handoff:
                rules = self._desk.rules
                made = await customer.request(session, rules, conversation, answer.handoff)
                # One number is enough for the customer: the case's, where there is one.
                promised = await session.get(Case, made.case_id) if made.case_id else None
                number = (case or promised or made).reference
                told = [] if case else [say("reference", language, reference=number)]
                if made.status == PROMISED:
                    told.insert(0, customer.promise_in_words(rules, made, language))
                answers.name_handoff(reply, status.mode(made), number, "\n\n".join(told))
            if any(block["type"] == answers.CASES_BLOCK for block in reply.blocks):
                found = await handoff.cases_of(session, conversation.customer_id)
                answers.list_cases(reply, [case_json(one) for one in found], _told(found, language))

        for pause in RETRY_PAUSES:
            try:
                return await self._store.answer(message, _copy(answer.reply), record)
            except Withheld:
                raise
            except Exception as error:
                event(log, "turn.not_written", level=logging.ERROR, message=message.id, error=where(error))
                await asyncio.sleep(pause)
        return await self._store.answer(message, _copy(answer.reply), record)

    async def _recover(self) -> None:
        deadline = time.monotonic() + self._settings.rasa_startup_wait
        older_than = None
        while True:
            try:
                left = await self._store.unanswered(older_than)
                if left and older_than is None:
                    event(log, "turns.recovering", conversations=len(left))
                    # All parts start together and Rasa is the slowest: do not answer "trouble" for that.
                    while time.monotonic() < deadline and not await self._rasa.ready():
                        await asyncio.sleep(0.5)
                for conversation_id in left:
                    self.nudge(conversation_id)
            except Exception as error:
                event(log, "turns.recovery_failed", level=logging.ERROR, error=where(error))
            await asyncio.sleep(SWEEP_EVERY)
            older_than = utcnow() - SWEEP_AGE


def _pictures(message: Message) -> list[dict[str, Any]]:
    return [block for block in message.blocks if block.get("type") == "image"]


def _of_pictures(message: Message) -> str | None:
    """The payload for pictures that came without words; None for anything with words."""
    pictures = _pictures(message)
    return protocol.picture_sent(pictures[0].get("case")) if pictures and not message.text else None


def _pictures_received(message: Message, language: str) -> list[dict[str, Any]]:
    """What is said of pictures that came with words, before what the words are answered with."""
    pictures = _pictures(message) if message.text else []
    if not pictures:
        return []
    case = pictures[0].get("case")
    text = say("picture_in_case", language, reference=case) if case else say("picture_received", language)
    return [{"text": text}]


def _copy(reply: NewReply) -> NewReply:
    """A reply that one attempt at writing may fill in without the next one seeing it."""
    return NewReply(reply.text, [dict(block) for block in reply.blocks], list(reply.options), reply.author)


def _told(cases: Sequence[Case], language: str) -> list[str]:
    """A customer's cases in words, one a line; or that there are none."""
    if not cases:
        return [say("no_cases", language)]
    return [
        say(
            f"case_{case.status}" if case.status in (OPEN, CLOSED) else "case_open",
            language,
            reference=case.reference,
            title=case.title,
        )
        for case in cases
    ]


def _bring_human(language: str) -> Answer:
    request = {
        "kind": "handoff_request",
        "reason": "asked",
        "urgency": "medium",
        "summary": say("human_summary", language),
        "diagnosis": None,
    }
    return answers.assemble([{"text": say("human_queued", language), "custom": request}])
