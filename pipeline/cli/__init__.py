"""The `onrecord` command.

Each command reads its options, has `wiring` put the parts together, and runs them. Standard
output is data, standard error is for people. Exit codes: 0 done, 1 failed, 2 a person's mistake
(one clear line, nothing started), 130 interrupted.
"""

import os
import sys
from typing import Annotated

import typer

# typer carries its own copy of click and re-exports only some of its errors.
from typer._click.exceptions import ClickException, UsageError

from pipeline import __version__
from pipeline.cli import (
    annotate,
    compare,
    copying,
    dead_letters,
    demo,
    feeds,
    importing,
    promote,
    replay,
    serve,
    stages,
    status,
    subscribe,
)
from pipeline.errors import Mistake, OnrecordError

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
        print(f"onrecord {__version__}")
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
app.command("status")(status.status)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command and exit with its code."""
    sys.exit(_run())


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
    except (BrokenPipeError, SystemExit) as error:
        # typer makes exit code 1 of a closed pipe; but who read our output has seen enough.
        if not isinstance(error.__context__ or error, BrokenPipeError):
            raise
        return _end_quietly()
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return code if isinstance(code, int) else 0


def _end_quietly() -> int:
    """Nobody reads our output any more (`| head`). Python flushes it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _mistake(message: str) -> int:
    print(f"onrecord: {message}", file=sys.stderr)
    return 2


def _without_box(error: ClickException) -> str:
    """The error on one line, with the command whose help would say more."""
    message = error.format_message().replace("\n", " ")
    context = error.ctx if isinstance(error, UsageError) else None
    where = f" (see `{context.command_path} --help`)" if context else ""
    return f"{message}{where}"
