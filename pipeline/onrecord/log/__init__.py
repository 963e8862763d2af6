"""The append-only log between stages.

Comes in: records with a key. Goes out: the same records, in order per key, live or from any
point in the past, to any number of independent consumer groups. `interface.py` says what every
log promises; `tests/log/contract.py` holds each of them to it. This is not logging.
"""
