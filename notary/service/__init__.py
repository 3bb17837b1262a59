"""Use cases: submit, integrate, bundle, read, publishers."""
