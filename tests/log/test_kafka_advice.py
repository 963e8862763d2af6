"""What `status` says of a topic's settings that are not onrecord's, but endanger what it keeps."""

import pytest

from onrecord.log.kafka.topics import advice


@pytest.mark.parametrize(
    ("configs", "copies", "found"),
    [
        ({}, 3, []),
        ({}, 1, []),
        ({"compression.type": "producer", "min.insync.replicas": "2"}, 3, []),
        ({"compression.type": "zstd", "min.insync.replicas": "1"}, 1, []),
        ({"min.insync.replicas": "1"}, 2, []),
        ({"compression.type": "gzip"}, 1, ["compression.type gzip, not producer"]),
        ({"min.insync.replicas": "1"}, 3, ["min.insync.replicas 1, not 2"]),
        ({"min.insync.replicas": "3"}, 3, ["no broker may be away"]),
        ({"min.insync.replicas": "2"}, 2, ["no broker may be away"]),
    ],
)
def test_advice(configs: dict[str, str], copies: int, found: list[str]) -> None:
    told = advice({"min.insync.replicas": "2", **configs} if copies > 2 else configs, copies)
    assert len(told) == len(found)
    assert all(part in line for part, line in zip(found, told, strict=True))
