"""Adapters to an Ethereum-compatible chain: reading by plain JSON-RPC, signing, sending and deploying."""
