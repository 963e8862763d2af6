"""A member of a group that a test starts and kills: python children.py URL TOPIC GROUP.

Each article is written with the time at which it was given, before the next one is asked for. The
clock is the machine's: what several members write can be put in order.
"""

import os
import sys
import time

from onrecord import subscribe

url, topic, group = sys.argv[1:]
with subscribe("articles", log=url, topic=topic, group=group, since="earliest") as articles:
    for found in articles:
        line = f"{time.monotonic_ns()} {found.publisher} {found.title}\n"
        os.write(sys.stdout.fileno(), line.encode())
