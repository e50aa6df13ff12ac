"""`python -m bot.gateway.desk` with this machine's settings, as `make run` has them: `make agents`."""

from __future__ import annotations

import os
import sys

from bot.gateway.desk.__main__ import main as desk
from scripts.environment import SettingError, local_environment


def main() -> int:
    """Runs the desk's command with the arguments of this process."""
    try:
        os.environ.update(local_environment())
    except SettingError as error:
        sys.exit(str(error))
    return desk()


if __name__ == "__main__":
    sys.exit(main())
