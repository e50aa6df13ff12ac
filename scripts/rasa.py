"""Rasa's own command line with this machine's settings: `python -m scripts.rasa shell`.

`endpoints.yml` and `credentials.yml` take ports and tokens from the environment; this fills them
in the way `make run` does, so that `rasa shell` finds the action server. `scripts/bootstrap.py`
puts it in place as `.venv/bin/rasa`.
"""

from __future__ import annotations

import os
import sys

from scripts.environment import SettingError, local_environment
from scripts.quiet import quieten


def main() -> None:
    """Runs Rasa with the arguments of this process."""
    try:
        os.environ.update(local_environment())
    except SettingError as error:
        sys.exit(str(error))
    quieten()
    # Only now: importing Rasa and what it uses reads the environment.
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
