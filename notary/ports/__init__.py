"""What the use cases need from outside, as Protocols whose docstrings are the contract.

Adapters live in :mod:`notary.storage` and :mod:`notary.ethereum`; only composition roots build them.
"""

from notary.ports.outside import Chain, Clock, Mark, Signer, TransactionSigner
from notary.ports.store import (
    AnchorView,
    LeaseView,
    LogStore,
    LogView,
    PublisherView,
    ReadView,
    RestoreView,
    StatusView,
    WriteView,
)

__all__ = [
    "AnchorView",
    "Chain",
    "Clock",
    "LeaseView",
    "LogStore",
    "LogView",
    "Mark",
    "PublisherView",
    "ReadView",
    "RestoreView",
    "Signer",
    "StatusView",
    "TransactionSigner",
    "WriteView",
]
