"""The poller: polls feeds on time, fairly by host, and accepts pushes from hubs."""
