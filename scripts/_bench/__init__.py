"""scripts/bench: one file a benchmark, one small harness (:mod:`scripts._bench.harness`).

What it is compared with runs in processes of its own (:mod:`scripts._bench.peers`), never in ours.
"""
