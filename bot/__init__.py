"""The conversation's side of IM Wallet Support: understanding, gateway, store, hand-off and pages.

Nothing here reads the wallet's ledger; that is the action server's (`actions`).
"""
