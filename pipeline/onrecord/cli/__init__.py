"""The `onrecord` command.

Each command reads its options, has `wiring` put the parts together, and runs them. Standard
output is data, standard error is for people. Exit codes: 0 done, 1 failed, 2 a person's mistake
(one clear line, nothing started), 130 interrupted.
"""

import errno
import os
import sys
from typing import Annotated

import typer

# typer carries its own copy of click and re-exports only some of its errors.
from typer._click.exceptions import ClickException, UsageError

from onrecord.cli import (
    annotate,
    compare,
    copying,
    dead_letters,
    demo,
    feeds,
    health,
    importing,
    log_file,
    promote,
    replay,
    serve,
    stages,
    status,
    subscribe,
)
from onrecord.errors import Mistake, OnrecordError
from onrecord.version import VERSION

app = typer.Typer(
    name="onrecord",
    help="The news on the record: who said what, about whom, as it is published.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"onrecord {VERSION}")
        raise typer.Exit


@app.callback()
def _onrecord(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    pass


app.command("run")(stages.run)
app.command("poll")(stages.poll)
app.command("extract")(stages.extract)
app.command("annotate")(annotate.annotate)
app.command("subscribe")(subscribe.subscribe)
app.command("serve")(serve.serve)
app.add_typer(replay.app, name="replay")
app.command("compare")(compare.compare_topics)
app.command("promote")(promote.promote)
app.command("import")(importing.import_backlog)
app.add_typer(feeds.app, name="feeds")
app.add_typer(dead_letters.app, name="dead-letters")
app.command("copy")(copying.copy)
app.command("backup")(log_file.backup)
app.command("restore")(log_file.restore)
app.command("check")(log_file.check)
app.command("health")(health.health)
app.command("status")(status.status)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command and exit with its code."""
    _open_what_is_closed()
    sys.exit(_run())


def _open_what_is_closed() -> None:
    """Where we were started without an output (`>&-`), writing to it fails as on a full disk.

    The next file that we open would take its number otherwise.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _run() -> int:
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except ClickException as error:
        return _mistake(_without_box(error))
    except Mistake as error:
        return _mistake(str(error))
    except OnrecordError as error:
        print(f"onrecord: {error}", file=sys.stderr)
        return 1
    except (OSError, SystemExit) as error:
        return _could_not_write(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return code if isinstance(code, int) else 0


# A full disk, a quota, the largest file there may be, a broken device, no output at all.
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def _could_not_write(error: OSError | SystemExit) -> int:
    """What nobody takes from us any more, or no disk: the exit code. Raises what is neither."""
    # typer makes exit code 1 of a closed pipe; but who read our output (`| head`) has seen enough.
    is_closed = isinstance(error.__context__ or error, BrokenPipeError)
    if not is_closed:
        if not isinstance(error, OSError) or error.errno not in _CANNOT_WRITE:
            raise error
        print(f"onrecord: the output cannot be written: {error.strerror}", file=sys.stderr)
    # Python flushes once more at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if is_closed else 1


def _mistake(message: str) -> int:
    print(f"onrecord: {message}", file=sys.stderr)
    return 2


def _without_box(error: ClickException) -> str:
    """The error on one line, with the command whose help would say more."""
    message = error.format_message().replace("\n", " ").replace(": Value error, ", ": ")
    if not message.strip():  # of a group without a command: its help was shown
        message = "name a command"
    context = error.ctx if isinstance(error, UsageError) else None
    where = f" (see `{context.command_path} --help`)" if context else ""
    return f"{message}{where}"
