"""The pure core: formats, proofs and verification; no clock, no input or output, no environment, no logging."""
