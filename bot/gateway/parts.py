"""What the app is made of: every collaborator, wired from the settings in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.gateway.contacts import Contacts
from bot.gateway.demo import DemoCustomers
from bot.gateway.hub import Hub, InProcessHub
from bot.gateway.identity import AccessTokens, WalletTokens
from bot.gateway.incidents import Incidents
from bot.gateway.limits import RateLimit
from bot.gateway.rasa import RasaClient
from bot.gateway.turns import Turns
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk
from bot.handoff.hours import Calendar
from bot.handoff.mail import CHANNEL, Mail
from bot.handoff.outbox import Deliver, Outbox
from bot.handoff.rounds import Rounds
from bot.help import HelpCentre, Pages
from bot.settings import Settings
from bot.store import Folder, Pictures, Store
from bot.store.engine import open_engine

TYPING_A_MINUTE = 60  # signs of one customer's writing; pages send one in three seconds


@dataclass(frozen=True)
class Parts:
    """The gateway's collaborators."""

    settings: Settings
    store: Store
    rasa: RasaClient
    hub: Hub
    desk: Desk
    rounds: Rounds
    turns: Turns
    access: AccessTokens
    wallet: WalletTokens
    demo: DemoCustomers | None  # None = demo mode is off
    pictures: Pictures
    incidents: Incidents
    contacts: Contacts
    message_limit: RateLimit
    typing_limit: RateLimit
    upload_limit: RateLimit
    session_limit: RateLimit
    help: HelpCentre
    help_pages: Pages
    help_limit: RateLimit

    @classmethod
    def wire(cls, settings: Settings) -> Parts:
        """Builds everything; opens no connection yet. Raises SettingsError for an unusable key,
        HelpError for unusable articles."""
        store, hub = Store(open_engine(settings.support_db_url)), InProcessHub()
        help_centre = HelpCentre.open()
        rasa = RasaClient(settings.rasa_url, settings.rasa_token, settings.rasa_timeout)
        desk = Desk(store.engine, hub, _rules(settings))
        mail = _mail(settings, store)
        channels: dict[str, Deliver] = {CHANNEL: mail} if mail else {}
        return cls(
            settings=settings,
            store=store,
            rasa=rasa,
            hub=hub,
            desk=desk,
            rounds=Rounds(desk, Outbox(store.engine, channels), mail),
            turns=Turns(store, rasa, hub, desk, settings),
            access=AccessTokens(settings.session_secret),
            wallet=WalletTokens(settings.wallet_key, settings.wallet_issuer, settings.wallet_audience),
            demo=DemoCustomers(settings.demo_customers) if settings.demo_mode else None,
            pictures=Pictures(store.engine, Folder(settings.attachments_dir), settings.pictures_each),
            incidents=Incidents(settings.actions_url, settings.actions_token),
            contacts=Contacts(),
            message_limit=RateLimit(settings.messages_per_minute),
            typing_limit=RateLimit(TYPING_A_MINUTE),
            upload_limit=RateLimit(settings.uploads_per_minute),
            session_limit=RateLimit(settings.sessions_per_minute),
            help=help_centre,
            help_pages=Pages(help_centre),
            help_limit=RateLimit(settings.help_per_minute),
        )


def _rules(settings: Settings) -> Rules:
    return Rules(
        hours=None if settings.handoff_always_open else Calendar.load("live_chat"),
        agent_gone=timedelta(seconds=settings.agent_gone),
        customer_away=timedelta(minutes=settings.customer_away),
        promise=timedelta(hours=settings.handoff_promise),
    )


def _mail(settings: Settings, store: Store) -> Mail | None:
    if settings.smtp_url is None or settings.public_url is None:
        return None
    after = timedelta(minutes=settings.mail_after)
    return Mail(store.engine, settings.smtp_url, settings.smtp_from, settings.public_url, after)
