"""What the log says of itself against what the auditor trusts: the manifests, and the trust file."""

from __future__ import annotations

from notary.core.chain import TrustedChain
from notary.core.findings import Finding
from notary.core.manifest import ChainId, KeyRange, Manifest
from notary.core.outcome import Outcome, failed, passed
from notary.core.trust import Trust, TrustedKey


def compare(manifest: Manifest, trust: Trust) -> tuple[Outcome, list[Finding]]:
    """Hold the latest manifest against the trust file.

    All that is trusted must stand in the manifest. A manifest may say more (a later key, another chain, the end of a
    key), and a trust file may end a key earlier than the manifest does: both are findings.
    """
    findings: list[Finding] = []
    for trusted in trust.keys:
        problem = _key_problem(trusted, manifest.vkeys, findings)
        if problem is not None:
            return failed("trust-disagrees", problem), []
    listed = {_place(chain) for chain in manifest.chains}
    for chain in trust.chains:
        if _place(chain) not in listed:
            return failed(
                "trust-disagrees",
                f"The trust file names the log id 0x{chain.log_id.hex()} in registry 0x{chain.registry.hex()} on chain "
                f"{chain.chain_id}; no manifest of the log does, with this genesis and code.",
            ), []
    known = {key.vkey.encode() for key in trust.keys}
    if any(key.vkey not in known for key in manifest.vkeys):
        findings.append(Finding("trust-outdated", "The log has a later key than the trust file: get the newer file."))
    if listed - {_place(chain) for chain in trust.chains}:
        findings.append(
            Finding("chain-not-trusted", "The log says that it is also anchored where the trust file names nothing.")
        )
    return passed("trust-agrees", "The log's manifest names every key and chain of the trust file."), findings


def _key_problem(trusted: TrustedKey, listed: tuple[KeyRange, ...], findings: list[Finding]) -> str | None:
    vkey = trusted.vkey.encode()
    same = next((key for key in listed if key.vkey == vkey and key.first == trusted.first), None)
    if same is None:
        return f"The trust file names the key {vkey} from size {trusted.first}; no manifest of the log does."
    if trusted.last == same.last:
        return None
    if trusted.last is None:
        findings.append(
            Finding("trust-outdated", f"The log ended a key at size {same.last}: get the newer trust file.")
        )
        return None
    if same.last is None or trusted.last < same.last:
        findings.append(Finding("key-ended", f"The trust file ends a key at size {trusted.last}, before the log does."))
        return None
    return f"The trust file lets the key {vkey} sign up to size {trusted.last}; the log ended it at {same.last}."


def _place(chain: TrustedChain | ChainId) -> tuple[int, bytes, bytes, bytes, bytes]:
    return chain.chain_id, chain.genesis, chain.registry, chain.registry_codehash, chain.log_id
