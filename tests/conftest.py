"""What every test stands in: the same examples each time, unless all faults are asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("all", settings.get_profile("steady"), derandomize=False, max_examples=1_000)
settings.load_profile("all" if os.environ.get("RECONCILER_FAULTS") == "all" else "steady")
