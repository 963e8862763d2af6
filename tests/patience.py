"""How long tests wait for what must come.

A machine under load can take a hundred times as long as an idle one, or stand still for seconds.
A limit costs nothing where what is waited for comes, so it says nothing of how quick that is. A
broker may wait for a killed member that was about to join for as long as a member may be idle,
which is 300 s unless log.max_idle_s says otherwise.
"""

PATIENCE_S = 360.0
