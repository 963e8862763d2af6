"""Values as cells of a CSV table that a spreadsheet can open without risk."""

import re
from datetime import datetime

import msgspec

# A cell that begins so is a formula to a spreadsheet, and what feeds say must not be run. Where
# the comma is for decimals, spreadsheets split at semicolons and ignore quotation marks: there a
# cell begins after any semicolon or line end. Full-width signs count as well.
_FORMULA = re.compile('((?:^|[;\t\r\n])[\\s"]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])')


def cell(value: object) -> str:
    """The text of a cell: nothing for None, lists joined by "; ", structures as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _harmless_cell(value)
    if isinstance(value, datetime):
        return str(msgspec.to_builtins(value))
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return cell("; ".join(value))
    written = msgspec.json.encode(value).decode()
    return written if isinstance(value, int | float) else _harmless_cell(written)


def _harmless_cell(text: str) -> str:
    shown = "'" + text if text.startswith(("\t", "\r")) else text
    return _FORMULA.sub(r"\1'", shown)
