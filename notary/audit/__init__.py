"""Going over a whole log: everything it serves is recomputed and held against what it signed and what is on chain."""
