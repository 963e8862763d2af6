"""Replays: reading a stretch of the backlog again, into a topic of its own.

A replay is an ordinary worker in a group of its own, bounded by its stretch. Live groups are not
affected. Each transaction also publishes the run's progress, so a replay killed at any point
resumes where it stopped, and its counts are as exact as its results.

    plan      what was asked for, as a job with fixed ends
    survey    what is in a stretch, and how long it would take
    jobs      the replays of a log, steered by name; read from their topic in `table`
    standing  a job and how far it came; shown as in `view`
    run       a worker on a job, until it ends or `watch` says that it should stop
    progress  what a run committed
    bounds    the offsets of a stretch
"""
