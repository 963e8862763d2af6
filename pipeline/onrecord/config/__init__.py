"""The configuration: read once, checked, handed down as values.

A section is the policy of the part that it steers, or composed of the policies of several parts.
A key is added by adding a field to a policy, made with `settings.key`, and `make config`, which
writes `config/onrecord.toml`. Each key can be overridden in the environment as
`ONRECORD_SECTION__KEY`. An unknown key and a value that cannot be used are ConfigErrors that say
what would be right; nothing has been started by then.
"""

from onrecord.config.loading import DEFAULT_FILE, FILE_VARIABLE, file_used, load_config, with_log
from onrecord.config.sections import (
    Config,
    ExtractSection,
    FeedsSection,
    LogSection,
    keys,
    sections,
)

__all__ = [
    "DEFAULT_FILE",
    "FILE_VARIABLE",
    "Config",
    "ExtractSection",
    "FeedsSection",
    "LogSection",
    "file_used",
    "keys",
    "load_config",
    "sections",
    "with_log",
]
