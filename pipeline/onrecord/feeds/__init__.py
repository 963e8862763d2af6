"""From publishers to articles.

Comes in: subscriptions, and the clock. Goes out: articles with a stable id and plain text, each
revision once, together with what must be remembered of the feed. Fetching is the only thing
here that touches the network; what to publish and when to ask again are pure functions.
"""
