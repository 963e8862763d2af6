"""The `onrecord` command.

Each command reads its options, has `wiring` put the parts together, and runs them. Standard
output is data, standard error is for people. Exit codes: 0 done, 1 failed, 2 a person's mistake
(one clear line, nothing started), 130 interrupted.
"""

import errno
import os
import sys
import traceback
from typing import Annotated, TextIO

import typer

# typer carries its own copy of click and re-exports only some of its errors.
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

from onrecord.cli.command_group import CommandGroup
from onrecord.cli.last_words import are_an_event, last_words
from onrecord.cli.signals import work_is_done
from onrecord.errors import Mistake, OnrecordError
from onrecord.version import VERSION

app = typer.Typer(
    name="onrecord",
    cls=CommandGroup,
    help="The news on the record: who said what, about whom, as it is published.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"onrecord {VERSION}")
        raise typer.Exit


@app.callback()
def _onrecord(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show it."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command and exit with its code."""
    _open_what_is_closed()
    try:
        code = _run()
    except Exception:
        if not are_an_event():
            work_is_done(1)
            raise
        last_words(traceback.format_exc())
        code = 1
    work_is_done(code)
    _leave_unwritten(sys.stderr)
    sys.exit(code)


def _leave_unwritten(stream: TextIO) -> None:
    """Drop what a stream cannot write, which would change the exit code to Python's 120."""
    try:
        stream.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _open_what_is_closed() -> None:
    """Give a missing output (`>&-`) a file to which writing fails, as on a full disk.

    Otherwise the next file that is opened would take its descriptor.
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
        last_words(str(error))
        return 1
    except (OSError, SystemExit) as error:
        return _could_not_write(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return code if isinstance(code, int) else 0


# A full disk, a quota, the largest file there may be, a broken device, no output at all.
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def _could_not_write(error: OSError | SystemExit) -> int:
    """The exit code for a closed pipe (0) or an output or a file that cannot be used (1).

    Raises any other error again.
    """
    if isinstance(error, OSError) and error.filename is not None:
        last_words(f"{error.filename}: {error.strerror}")
        return 1
    # typer exits with 1 for a closed pipe; but a reader such as `| head` has seen enough.
    is_closed = isinstance(error.__context__ or error, BrokenPipeError)
    if not is_closed:
        if not isinstance(error, OSError) or error.errno not in _CANNOT_WRITE:
            raise error
        last_words(f"the output cannot be written: {error.strerror}")
    # Python flushes once more at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if is_closed else 1


def _mistake(message: str) -> int:
    last_words(message)
    return 2


def _without_box(error: ClickException) -> str:
    """The error on one line, with the command whose help explains more."""
    message = error.format_message().replace("\n", " ").replace(": Value error, ", ": ")
    if isinstance(error, NoArgsIsHelpError):  # its message is the help of the group
        print(error.format_message())
        message = "name a command"
    context = error.ctx if isinstance(error, UsageError) else None
    where = f" (see `{context.command_path} --help`)" if context else ""
    return f"{message}{where}"
