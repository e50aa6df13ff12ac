"""Runs a module without its libraries' deprecations: `python -m scripts.quiet rasa run`.

Filters do not do it: importing Sanic and pyparsing turns such warnings on again for the whole
process, and TensorFlow, Keras and Matplotlib then fill the screen. Other warnings still show.
"""

from __future__ import annotations

import logging
import runpy
import sys
import warnings

FOR_LIBRARY_AUTHORS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def quieten() -> None:
    """From here on no deprecations, and no remarks of jieba on loading its dictionary."""
    show = warnings.showwarning

    def show_others(message: Warning | str, category: type[Warning], *where: object) -> None:
        if not issubclass(category, FOR_LIBRARY_AUTHORS):
            show(message, category, *where)  # type: ignore[arg-type]

    warnings.showwarning = show_others  # type: ignore[assignment]
    # A filter, because jieba sets its own level when it is imported.
    logging.getLogger("jieba").addFilter(lambda record: record.levelno > logging.DEBUG)


if __name__ == "__main__":
    quieten()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
