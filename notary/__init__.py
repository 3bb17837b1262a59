"""Notary: a transparency log for published announcements, anchored on an Ethereum-compatible chain."""

__version__ = "0.1.0"
