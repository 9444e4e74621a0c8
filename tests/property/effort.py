"""How long the fuzzers look: some seconds in every run of the tests, minutes with HYPOTHESIS_PROFILE=long."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

TIMES_LONGER = 20


def effort(examples: int, **values: Any) -> settings:
    """So many examples, the same in every run; with the profile `long` many more, and others each time."""
    is_long = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    return settings(
        max_examples=examples * (TIMES_LONGER if is_long else 1),
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
        **values,
    )
