"""The `onrecord` command.

Each command reads its options, has `wiring` put the parts together, and runs them. Standard
output is data, standard error is for people. Exit codes: 0 done, 1 failed, 2 a person's mistake
(one clear line, nothing started), 130 interrupted.
"""

import errno
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

# typer carries its own copy of click and re-exports only some of its errors.
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

from onrecord.cli import (
    annotate,
    asyncapi,
    compare,
    configuration,
    copying,
    dead_letters,
    demo,
    export,
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
    topics,
)
from onrecord.errors import Mistake, OnrecordError
from onrecord.version import VERSION

app = typer.Typer(
    name="onrecord",
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


# In the order in which help lists them. A docstring's first sentence that is too long for a line of
# that list has a shorter one here.
_COMMANDS: tuple[tuple[str, Callable[..., None], str | None], ...] = (
    ("run", stages.run, "Poll, extract and show quotes, all in one process."),
    ("poll", stages.poll, None),
    ("extract", stages.extract, "Extract from published articles."),
    ("annotate", annotate.annotate, "Find quotes and entities in texts."),
    ("subscribe", subscribe.subscribe, "Read articles, extractions or quotes."),
    ("export", export.export, "Write results as CSV, JSON lines or Parquet."),
    ("serve", serve.serve, "Offer records over HTTP: streams and pages."),
    ("compare", compare.compare_topics, "Say what changed between two extractions."),
    ("promote", promote.promote, "Make a replay's results the live ones."),
    ("import", importing.import_backlog, "Bring in a backlog of articles."),
    ("copy", copying.copy, "Copy every topic into another log."),
    ("backup", log_file.backup, "Write a copy of the log, at one moment."),
    ("restore", log_file.restore, "Put a backup in the log's place."),
    ("check", log_file.check, "Read the whole log and compare it with itself."),
    ("asyncapi", asyncapi.asyncapi, "Describe the topics for other tools."),
    ("health", health.health, "Ask a running process whether it is ready."),
    ("status", status.status, "Show topics, groups and the health of feeds."),
    ("demo", demo.demo, None),
)
for _name, _command, _summary in _COMMANDS:
    app.command(_name, short_help=_summary)(_command)
app.add_typer(replay.app, name="replay", short_help="Extract a stretch of the backlog again.")
app.add_typer(feeds.app, name="feeds")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters", short_help="What could not be processed.")
app.add_typer(configuration.app, name="config", short_help="Look at the configuration.")


def main() -> None:
    """Run the command and exit with its code."""
    _open_what_is_closed()
    sys.exit(_run())


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
    """The exit code for a closed pipe (0) or an output that cannot be written (1).

    Raises any other error again.
    """
    # typer exits with 1 for a closed pipe; but a reader such as `| head` has seen enough.
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
    """The error on one line, with the command whose help explains more."""
    message = error.format_message().replace("\n", " ").replace(": Value error, ", ": ")
    if isinstance(error, NoArgsIsHelpError):  # its message is the help of the group
        print(error.format_message())
        message = "name a command"
    context = error.ctx if isinstance(error, UsageError) else None
    where = f" (see `{context.command_path} --help`)" if context else ""
    return f"{message}{where}"
