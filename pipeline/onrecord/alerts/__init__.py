"""Saved searches, and the quotes they find as they come: sent to webhooks and by mail, each once.

Searches and alerts are kept in topics of the log. An alert is published as *due* in the
transaction that moves the position in the extractions, and as *sent* when the receiver took it; so
a killed process loses none, and sends again only what it was sending at that moment.
"""
