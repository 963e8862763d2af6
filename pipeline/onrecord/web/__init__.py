"""Looking at the results over HTTP: streams to follow, pages to poll, and posts to a URL."""
