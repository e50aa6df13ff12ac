"""The agents' desk: accounts and roles, the queue and the chats, all that an agent needs to know, reports.

`python -m bot.gateway.desk` makes the first admin's one-time link.
"""
