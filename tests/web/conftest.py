"""What the tests of the doors share: the browser that checks every page it opens."""

from tests.page import page

__all__ = ["page"]
