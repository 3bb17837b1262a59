"""What all tests share; kept small, since every stage loads it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A loaded machine makes single examples slow without anything being wrong: pytest's own time limit is the guard.
# Random texts are often refused, which is what they are for; by bad luck so often at first that hypothesis gives up.
settings.register_profile(
    "notary", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
settings.load_profile("notary")
