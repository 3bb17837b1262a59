"""What goes wrong, by number: the table that this folder's tests fill in, and nothing else decides what it holds."""

from __future__ import annotations

from typing import Final

SCENARIOS: Final = {
    1: "kill -9 at every write of submit, integrate, publish and anchor",
    2: "kill -9 between the commit and the reply",
    3: "a worker that stood still past its lease and goes on",
    4: "an exception in a loop of the worker",
    5: "SIGTERM and an upgrade with an attempt in flight",
    6: "the disk is full",
    7: "an older database beside newer published state; a clone on a second machine",
    8: "a flipped byte in a stored entry, tile or hash",
    9: "PostgreSQL restarted in the middle of commits; a database that is not durable",
    10: "a lock that somebody else holds for long",
    11: "nothing is mined",
    12: "the base fee rises, and what waited is dropped",
    13: "the replacement is swallowed, and the old transaction is mined",
    14: "no money",
    15: "the key is used elsewhere",
    16: "the right to anchor is revoked",
    17: "reorganisations of one to five blocks, and below what was final",
    18: "another chain, another genesis, other code at the registry's address",
    19: "finality stands still",
    20: "endpoints that lie, lose, stall and send rubbish",
    21: "a node that hangs",
    22: "the clock jumps back",
}
