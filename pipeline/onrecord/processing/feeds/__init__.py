"""The poller's side of the log: the feeds to poll, and the transactions that keep the results.

subscriptions.py   the followed feeds: adding, removing and listing them
tables.py          the newest record of each feed and state in the assigned partitions
ledger.py          a poller's share of the feeds, and its transactions
"""
