"""`python -m onrecord.records FOLDER` writes the JSON Schemas of all records there."""

import sys
from pathlib import Path

from onrecord.records.schemas import write_schemas

if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
