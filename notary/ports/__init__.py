"""What the use cases need from outside, as Protocols whose docstrings are the contract.

Adapters live in :mod:`notary.storage` and :mod:`notary.ethereum`; only composition roots build them.
"""

from notary.ports.outside import Chain, Clock, Mark, Signer
from notary.ports.store import AnchorView, LogStore, LogView, PublisherView, ReadView, StatusView, WriteView

__all__ = [
    "AnchorView",
    "Chain",
    "Clock",
    "LogStore",
    "LogView",
    "Mark",
    "PublisherView",
    "ReadView",
    "Signer",
    "StatusView",
    "WriteView",
]
