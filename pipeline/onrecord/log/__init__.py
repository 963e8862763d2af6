"""The append-only log between stages.

Input: records with a key. Output: the same records, in order per key, live or from any point in
the past, for any number of independent consumer groups. `interface.py` states the promises of
every log; `tests/log/contract.py` tests each implementation. This is not logging.
"""
