"""`python -m onrecord.config FILE PAGE` writes the documented file and its reference page."""

import sys
from pathlib import Path

from onrecord.config.documents import write_documented

if __name__ == "__main__":
    write_documented(Path(sys.argv[1]), Path(sys.argv[2]))
