"""The URL of a log in a form that is safe to show in messages."""

import re

_SECRETS = re.compile(r"(?<=//)[^/@]*@|[?#].*", re.DOTALL)


def shown_url(url: str) -> str:
    """The URL without user, password, query and fragment: people write passwords into all of them.

    Control characters are escaped.
    """
    shown = _SECRETS.sub(lambda found: "…@" if found[0].endswith("@") else f"{found[0][0]}…", url)
    return shown.encode("unicode_escape").decode() if not shown.isprintable() else shown
