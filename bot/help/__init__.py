"""The help centre: articles in Chinese and English, searched and rendered, with no request in sight.

`articles` loads and checks `data/help`, `search` finds what a customer types, `pages` writes the HTML;
the gateway serves them (`bot.gateway.help`).
"""

from bot.help.articles import Article, HelpError, Library, Topic
from bot.help.centre import HelpCentre
from bot.help.pages import Pages
from bot.help.search import Found

__all__ = ["Article", "Found", "HelpCentre", "HelpError", "Library", "Pages", "Topic"]
