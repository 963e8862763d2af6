"""Names of a package that are imported when they are first used.

Importing everything that a package offers can take a second; most programs use a few names.
"""

import sys
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from typing import Any


def on_first_use(
    package: str, names: Collection[str], modules: Iterable[str]
) -> Callable[[str], Any]:
    """The `__getattr__` of a package that offers these names of its modules.

    The modules are searched in order: list them by the cost of importing them.
    """

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        imported = (import_module(f"{package}.{module}") for module in modules)
        value = next(vars(module)[name] for module in imported if name in vars(module))
        setattr(sys.modules[package], name, value)
        return value

    return find
