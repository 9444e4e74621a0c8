"""Jinja as the pages use it."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment as FlaskEnvironment


class Environment(FlaskEnvironment):
    """Flask's, where the names that every template knows are one dictionary for each.

    Each `import` compares them with its own; in Jinja's chain of dictionaries that is done name by name, and a page
    that imports eight components spends as long on it as on a query. They are all there before the first is read.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows: the names of all, and those that were given for it."""
        return {**self.globals, **(d or {})}
