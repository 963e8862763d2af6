"""The `onrecord` command, before anything is imported that takes a second.

Who stops it meanwhile is obeyed as later: nothing has been begun, so there is nothing to finish.
"""

import os
import signal
import sys

# Commands that end well when they are told to stop.
_STOPPED_WELL = ("run", "poll", "extract", "subscribe")


def main() -> None:
    """Run the command and exit with its code."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    if set(_STOPPED_WELL) & set(sys.argv[1:2]):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from onrecord.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
