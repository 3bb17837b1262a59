"""Set-up of the work tree and the stages of scripts/test, on the standard library alone.

It runs before anything is installed, so it imports neither third-party packages nor ``notary``.
"""
