"""After SIGTERM a command ends, whatever a library waits for."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from onrecord.cli.signals import Stop
from tests.patience import PATIENCE_S

# What a client that never returns may be doing.
HANGS = {
    "a busy loop": "while True: pass",
    "a lock": "import threading; threading.Lock().__enter__(); lock = threading.Lock(); "
    "lock.acquire(); lock.acquire()",
    "a thread that is waited for": "import threading, time; "
    "thread = threading.Thread(target=time.sleep, args=(3600,)); thread.start(); thread.join()",
    "an error that is caught": "while True:\n  try: import time; time.sleep(3600)\n"
    "  except BaseException: pass",
    "a call that lets no thread run": "import re; re.match('(a*)*b', 'a' * 40)",
}


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A Python program, run to its end."""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def told_to_end(program: str) -> tuple[int, str]:
    """The exit code of a program that gets SIGTERM once it is ready, and its standard error."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said.decode()


@pytest.mark.parametrize("hang", HANGS.values(), ids=HANGS)
def test_a_client_that_never_returns_keeps_no_process_alive(hang: str) -> None:
    program = (
        "from onrecord.cli.signals import Stop\n"
        "with Stop(ends_within_s=3.0):\n"
        "  print('ready', flush=True)\n"
    ) + "".join(f"  {line}\n" for line in hang.split("\n"))
    code, said = told_to_end(program)
    assert code in {130, -signal.SIGALRM}
    assert code < 0 or "ended without waiting any longer" in said


def test_who_ends_late_says_where_each_thread_was() -> None:
    program = (
        "from onrecord.beside import beside\n"
        "from onrecord.cli.signals import Stop\n"
        "import time\n"
        "with Stop(ends_within_s=3.0):\n"
        "  with beside('people', lambda over: time.sleep(3600)):\n"
        "    print('ready', flush=True)\n"
    )
    code, said = told_to_end(program)
    assert code == 130
    [line] = said.splitlines()
    assert re.search(r"done again; it was at beside\.py:\d+ \(MainThread\)", line), line


def test_a_command_that_ends_for_another_reason_is_not_ended_by_the_first_signal() -> None:
    program = (
        "import os, signal\n"
        "from onrecord.cli.signals import Stop\n"
        "with Stop() as stop:\n"
        "  stop.set()\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "  print('cleans up', flush=True)\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "  print('never said')\n"
    )
    done = run(program)
    assert (done.stdout, done.returncode) == ("cleans up\n", 130), done.stderr


def test_how_long_a_command_may_take_to_end_is_configured() -> None:
    program = (
        "import os, signal, time\n"
        "from dataclasses import replace\n"
        "from onrecord.cli.signals import stopping\n"
        "from onrecord.config import Config\n"
        "config = Config()\n"
        "config = replace(config, log=replace(config.log, end_within_s=3.0))\n"
        "with stopping(config):\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "  print(0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 3, flush=True)\n"
        "  time.sleep(3600)\n"
    )
    done = run(program)
    assert (done.stdout, done.returncode) == ("True\n", 130), done.stderr


def test_a_command_that_ends_by_itself_is_left_to_it() -> None:
    program = (
        "from onrecord.cli.signals import Stop\n"
        "import time\n"
        "with Stop() as stop:\n"
        "  print('ready', flush=True)\n"
        "  while not stop(): time.sleep(0.01)\n"
    )
    assert told_to_end(program) == (0, "")


def test_a_command_that_has_ended_its_work_is_given_time_to_free_its_memory() -> None:
    """In which no thread runs: under load it was killed after all was done."""
    program = (
        "import os, signal\n"
        "from onrecord.cli.signals import Stop, work_is_done\n"
        "work_is_done()\n"
        "assert signal.getitimer(signal.ITIMER_REAL)[0] == 0\n"
        "with Stop(ends_within_s=20.0):\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "  limited = signal.getitimer(signal.ITIMER_REAL)[0]\n"
        "work_is_done()\n"
        "print(0 < limited <= 20 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30)\n"
    )
    done = run(program)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


def test_threads_that_are_left_when_the_work_is_done_do_not_keep_a_process_alive() -> None:
    """Python waits for those of an executor without a limit."""
    program = (
        "import os, signal, sys, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from onrecord.cli.signals import Stop, work_is_done\n"
        "pool = ThreadPoolExecutor(1)\n"
        "pool.submit(time.sleep, 3600)\n"
        "with Stop(ends_within_s=600.0):\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "work_is_done(7)\n"
        "sys.exit(7)\n"
    )
    done = run(program)
    assert (done.returncode, done.stderr) == (7, "")


def test_who_ends_late_has_its_exit_code_although_nobody_reads_why() -> None:
    program = (
        "import os, signal, time\n"
        "from onrecord.cli.signals import Stop\n"
        "with Stop(ends_within_s=3.0):\n"
        "  os.kill(os.getpid(), signal.SIGTERM)\n"
        "  time.sleep(3600)\n"
    )
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run([sys.executable, "-c", program], stderr=writes, check=False)
    finally:
        os.close(writes)
    assert done.returncode == 130


def test_a_signal_while_the_flag_is_raised_does_not_block_the_thread_that_raises_it() -> None:
    """At whichever line it arrives, in our code or below it."""
    program = (
        "import os, signal, sys\n"
        "from onrecord.cli.signals import Stop\n"
        "def interrupted(at):\n"
        "  lines = 0\n"
        "  def trace(frame, event, _):\n"
        "    nonlocal lines\n"
        "    lines += event == 'line'\n"
        "    if lines == at:\n"
        "      sys.settrace(None)\n"
        "      os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return trace\n"
        "  with Stop(ends_within_s=600.0) as stop:\n"
        "    sys.settrace(trace)\n"
        "    stop.set()\n"
        "    sys.settrace(None)\n"
        "  return stop()\n"
        "print(all(interrupted(at) for at in range(1, 12)))\n"
    )
    done = run(program)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


def test_stopping_wakes_a_loop_that_runs_and_needs_none_that_is_closed() -> None:
    async def waits(stop: Stop) -> None:
        event = asyncio.Event()
        stop.then_set(event, asyncio.get_running_loop())
        threading.Thread(target=stop.set).start()
        await asyncio.wait_for(event.wait(), 60)

    stop = Stop()
    asyncio.run(waits(stop))
    stop.set()  # its loop is closed
    assert stop()
