"""Runs commands in processes that have imported everything already.

A command spends half a second of processor time on imports, and the tests run a thousand of them.
So a process imports all commands once and forks for each call: what runs is the command itself,
with its own arguments, folder, environment, standard streams and exit code. The tests that start
a command to go on beside them, or kill it, start the installed one.
"""

import atexit
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from select import select
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import IO, BinaryIO, cast

COMMAND = str(Path(sys.executable).parent / "onrecord")
_ROOT = Path(__file__).parent.parent.parent
# Read by the interpreter when it starts: a process that runs already does not follow them.
_FOR_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "TZ")

_starting = Lock()


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: str | None = None,
    timeout_s: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run `onrecord` to its end, as `subprocess.run` would. Raises TimeoutExpired."""
    command = [COMMAND, *arguments]
    if _of_the_interpreter(env) != _of_the_interpreter(os.environ):
        return subprocess.run(
            command,
            cwd=cwd,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )
    with TemporaryFile() as out, TemporaryFile() as err:
        read, write = os.pipe()
        feeding = Thread(target=_feed, args=(write, (stdin or "").encode()))
        feeding.start()
        try:
            asked = json.dumps([command, str(cwd), dict(env)])
            code = _ask(asked, [read, out.fileno(), err.fileno()], command, timeout_s)
        finally:
            os.close(read)
            feeding.join()
        return subprocess.CompletedProcess(command, code, _text(out), _text(err))


def _of_the_interpreter(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_FOR_THE_INTERPRETER)}


def _feed(pipe: int, data: bytes) -> None:
    try:
        with open(pipe, "wb") as file:
            file.write(data)
    except BrokenPipeError:  # the command ended without reading it
        pass


def _text(file: BinaryIO) -> str:
    file.seek(0)
    with TextIOWrapper(file, encoding="utf-8") as text:
        return text.read()


def _ask(request: str, streams: Sequence[int], command: list[str], timeout_s: float) -> int:
    """Have a command run; its exit code, or minus the signal that ended it."""
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("r") as answers:
        with _starting:
            address = _server()
        connection.connect(address)
        socket.send_fds(connection, [b"\0"], streams)
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        pid = int(answers.readline())
        connection.settimeout(timeout_s)
        try:
            return int(answers.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout_s) from None


@cache
def _server() -> str:
    """The address of this test process's server, started on first use; it ends with us."""
    name = f"onrecord-tests-{os.getpid()}"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.prepared", name],
        cwd=_ROOT,
        stdin=subprocess.PIPE,  # which ends when we do
        stdout=subprocess.PIPE,
    )
    atexit.register(_end, server)
    assert cast("IO[bytes]", server.stdout).readline() == b"ready\n"
    return _address(name)


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.communicate()


def _address(name: str) -> str:
    return f"\0{name}"  # no file, and gone with the process


# ── the server ───────────────────────────────────────────────────────────────────────────────


def serve(name: str) -> None:
    """Fork for each connection until standard input ends.

    Returns only in the process of a command.
    """
    from onrecord.cli.command_group import COMMANDS, import_command

    import_command(COMMANDS)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(_address(name))
        listening.listen(32)
        print("ready", flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        while True:
            ready, _, _ = select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                sys.exit()
            connection, _ = listening.accept()
            if os.fork() == 0:
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _become_the_command(connection)


def _become_the_command(connection: socket.socket) -> None:
    """Fork the command, and wait for it in the parent, which never returns."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    request = connection.makefile("rb").read()
    pid = os.fork()
    if pid:
        connection.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    argv, folder, environment = json.loads(request)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    sys.argv = argv


if __name__ == "__main__":
    serve(sys.argv[1])
    # Its children of its own import the command's script, not this module.
    sys.modules["__main__"].__file__ = sys.argv[0]
    sys.modules["__main__"].__spec__ = None
    sys.modules["__main__"].__package__ = None

    from onrecord.__main__ import main

    main()
