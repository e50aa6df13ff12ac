"""The stories that a world can tell, one module a kind of trouble; each says what is true of its end."""

from importlib import import_module
from pkgutil import iter_modules

from tests.simulator.stories.telling import STORIES

for _module in sorted(iter_modules(__path__), key=lambda found: found.name):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["STORIES"]
