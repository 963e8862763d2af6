"""Results over HTTP: streams to follow, pages to poll, and webhooks."""
