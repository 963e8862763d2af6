"""The `onrecord` command, before slow imports.

A signal during the imports is obeyed at once: there is nothing to finish yet. The garbage collector
rests meanwhile: what is imported stays, and looking through it took a tenth of the start.
"""

import gc
import os
import signal
import sys

# Commands for which SIGTERM is a normal end.
_STOPPED_WELL = ("run", "poll", "extract", "subscribe")


def main() -> None:
    """Run the command and exit with its code."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    if set(_STOPPED_WELL) & set(sys.argv[1:2]):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    gc.disable()
    try:
        from onrecord.cli import main as run
        from onrecord.cli.command_group import import_command

        import_command(sys.argv[1:2])
        gc.freeze()
    finally:
        gc.enable()

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
