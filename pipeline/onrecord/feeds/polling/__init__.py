"""The poller: feeds asked on time, in turns by host, with pushes from hubs."""
