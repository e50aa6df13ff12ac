"""The action server: what the bot does when it has understood a message.

Reads the customer's records (`ledger`), works out what happened (`diagnosis`)
and chooses which of the responses in `domain.yml` to say.
"""
