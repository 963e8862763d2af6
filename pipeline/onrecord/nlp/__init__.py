"""From an article to what was said, by whom, about whom.

Comes in: an article's text. Goes out: its entities and quotes, as offsets into that text. No
input or output happens here, so a rule about quotes is tested with a sentence.
"""

import os

# An article's matrices are too small to share out: a second thread of numpy's kernels doubles the
# processor time for a fifth of the waiting, and takes it from the next worker process. Read when
# numpy is first imported, hence here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
