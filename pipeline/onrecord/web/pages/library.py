"""Questions to the archive, asked in threads; the archive is opened when it is first asked."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from onrecord.archive.interface import Archive
from onrecord.errors import Mistake, OnrecordError
from onrecord.web.problems import Problem

T = TypeVar("T")


class Library:
    """The archive as pages see it. It may come into being after the server started."""

    def __init__(self, open_archive: Callable[[], Archive]) -> None:
        self._open = open_archive
        self._archive: Archive | None = None
        self._lock = threading.Lock()

    async def ask(self, question: Callable[[Archive], T]) -> T:
        """The answer to a question. Raises a Mistake of the question; Problem without an answer."""
        return await asyncio.to_thread(self.answer, question)

    def answer(self, question: Callable[[Archive], T]) -> T:
        """As `ask`, in this thread."""
        try:
            archive = self._opened()
        except OnrecordError as error:
            raise Problem(503, f"there is no archive to read: {error}") from error
        try:
            return question(archive)
        except Mistake:
            raise
        except OnrecordError as error:
            raise Problem(503, f"the archive does not answer: {error}") from error

    def close(self) -> None:
        """Close the archive if it was opened."""
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None

    def _opened(self) -> Archive:
        with self._lock:
            if self._archive is None:
                self._archive = self._open()
            return self._archive
