"""The poller's side of the log: which feeds it polls, and the step that keeps what they bring.

subscriptions.py   the feeds that are followed: adding, removing, listing them
tables.py          the newest record of each feed and state in the partitions that are held
ledger.py          a poller's share of the feeds, and its transactions
"""
