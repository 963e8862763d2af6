"""People over HTTP: in every record, and asked for by name and by id."""

import asyncio
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from onrecord import wiring
from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.log.opening import open_log
from onrecord.measurements import Metrics
from onrecord.sink.selection import What
from onrecord.web.policy import ServePolicy
from onrecord.web.server import Server
from tests.people.seeing import TOPICS, naming, publish


def asked(log: Log, *paths: str) -> list[Any]:
    """What a server on the log answers."""
    config = Config()

    async def ask() -> list[Any]:
        server = Server(
            log,
            {what: wiring.topic_of(config, what) for what in What},
            ServePolicy(port=0),
            version="0",
            clock=lambda: datetime.now(UTC),
            say=print,
            metrics=Metrics(),
            people=wiring.people_reader(config, log, by_itself=False),
        )
        url = await server.start()
        try:
            async with aiohttp.ClientSession() as session:
                return [await answer(session, url + path) for path in paths]
        finally:
            await server.stop()

    return asyncio.run(ask())


async def answer(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        found = await response.json()
        if response.status != 200:
            return response.status
        return [(it["article"]["id"], it["quote"]["speaker"]["person"]) for it in found["records"]]


def test_people_are_in_every_quote_and_asked_for_by_name_and_id(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/log.db") as log:
        for topic, settings in wiring.topic_settings(Config()).items():
            log.create_topic(topic, settings)
        numbers = count()
        names = ("Sergei Lavrov", "Sergey Lavrov", "Kirill Lavrov")
        publish(log, *(naming(f"a{next(numbers)}", name) for name in names))
        page = "/quotes/page?from=earliest"
        everybody, one, nobody = asked(
            log, page, f"{page}&speaker=sergej%20lavrov", f"{page}&speaker_id=abc"
        )
        assert [article for article, _ in everybody] == ["a0", "a1", "a2"]
        assert [article for article, _ in one] == ["a0", "a1"]
        assert nobody == 400
        (person, same) = (person for _, person in one)
        assert person == same
        (by_id,) = asked(log, f"{page}&speaker_id={person['id']}")
        assert by_id == one
    assert TOPICS.extractions == wiring.topic_of(Config(), What.EXTRACTIONS)
