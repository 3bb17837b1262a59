// The checks about the log and the chain: `inclusion`, `checkpoint`, `anchor`, `chain` (docs/spec/verify.md). Of several
// anchors the worst counts: one that was not looked at must not stand beside one that was.

import { isStored } from "./bundle.js";
import { fromHex, isEqual, toHex } from "./bytes.js";
import { judge, judgeHeight, judgeRecorded } from "./chain.js";
import { InvalidInput, NotaryError, ProofFailed } from "./errors.js";
import { parseHeader, verifyAnchored } from "./evm.js";
import { verifyInclusion } from "./merkle.js";
import { verifyNote } from "./note.js";
import { failed, passed, unchecked, worst } from "./outcome.js";
import { keysFor } from "./trust.js";

/** @typedef {import("./bundle.js").Anchor} Anchor */
/** @typedef {import("./bundle.js").ReceiptAnchor} ReceiptAnchor */
/** @typedef {import("./bundle.js").StorageAnchor} StorageAnchor */
/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./chain.js").ChainEvidence} ChainEvidence */
/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./tlogproof.js").TlogProof} TlogProof */
/** @typedef {import("./trust.js").Trust} Trust */
/** @typedef {import("./trust.js").TrustedChain} TrustedChain */

const PENDING = unchecked("pending", "Not anchored yet: the bundle holds no anchor. Fetch it again later.");

/**
 * Returns only if the checkpoint of the proof is the log's, signed by it, and the entry in its tree.
 *
 * @param {TlogProof} proof
 * @param {import("./entry.js").Entry} entry
 * @param {Trust} trust
 * @throws {InvalidInput | ProofFailed}
 */
export function checkProof(proof, entry, trust) {
  requireInclusion(proof, entry);
  requireSignature(proof, trust);
}

/**
 * @param {TlogProof} proof
 * @param {import("./entry.js").Entry} entry
 */
function requireInclusion({ checkpoint, index, hashes }, { record, leafHash }) {
  if (checkpoint.origin !== record.origin) {
    const what = `The record is for the log ${record.origin}, the checkpoint of the log ${checkpoint.origin}.`;
    throw new ProofFailed(what, "wrong-origin");
  }
  verifyInclusion({ leaf: fromHex(leafHash), index, size: checkpoint.size, proof: hashes, root: checkpoint.root });
}

/**
 * @param {TlogProof} proof
 * @param {Trust} trust
 */
function requireSignature({ checkpoint, note }, trust) {
  if (checkpoint.origin !== trust.origin) {
    throw new ProofFailed(`It is a checkpoint of the log ${checkpoint.origin}.`, "wrong-origin");
  }
  verifyNote(note, keysFor(trust, checkpoint.size), { strict: true });
}

/** @param {Bundle} bundle */
const proofsOf = ({ anchors, proof }) => [...anchors.map((anchor) => anchor.proof), ...(proof ? [proof] : [])];

/**
 * The largest tree size that a checkpoint in the bundle claims.
 *
 * @param {Bundle} bundle
 */
export function knownSize(bundle) {
  const sizes = proofsOf(bundle).map(({ checkpoint }) => checkpoint.size);
  return sizes.reduce((/** @type {bigint | undefined} */ most, size) => (most === undefined || size > most ? size : most), undefined);
}

/** @param {Bundle} bundle */
export function checkInclusion(bundle) {
  return worst(proofsOf(bundle).map((proof) => inclusionOf(proof, bundle.entry)), PENDING);
}

/**
 * @param {TlogProof} proof
 * @param {import("./entry.js").Entry} entry
 */
function inclusionOf(proof, entry) {
  return outcomeOf("The entry is not proven to be in the log", () => {
    requireInclusion(proof, entry);
    return passed("included", `The entry is number ${proof.index} of the ${proof.checkpoint.size} in the checkpoint.`);
  });
}

/**
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 */
export function checkCheckpoint(bundle, trust) {
  const { origin } = bundle.entry.record;
  if (trust === undefined) {
    return unchecked("no-trust", "No trust file was given: nothing says which keys are the log's.");
  }
  if (trust.origin !== origin) {
    return unchecked("log-not-trusted", `The trust file names the log ${trust.origin}, not ${origin}.`);
  }
  return worst(proofsOf(bundle).map((proof) => signatureOf(proof, trust)), PENDING);
}

/**
 * @param {TlogProof} proof
 * @param {Trust} trust
 */
function signatureOf(proof, trust) {
  return outcomeOf("The checkpoint is not signed by the log", () => {
    requireSignature(proof, trust);
    return passed("signed", `The checkpoint of size ${proof.checkpoint.size} is signed by the log ${trust.origin}.`);
  });
}

/**
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @param {ChainEvidence} evidence
 */
export function checkAnchor(bundle, trust, evidence) {
  const outcomes = bundle.anchors.map((anchor) =>
    isStored(anchor) ? storedOf(anchor, bundle, trust, evidence) : anchorOf(anchor, bundle, trust),
  );
  return worst(outcomes, PENDING);
}

/**
 * @param {StorageAnchor} anchor
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @param {ChainEvidence} evidence
 * @returns {Outcome}
 */
function storedOf(anchor, bundle, trust, evidence) {
  const place = placeOf(anchor, bundle, trust);
  return "status" in place ? place : judgeRecorded(headOf(anchor), anchor, place, evidence, chainIds(trust));
}

/**
 * What a registry is asked about.
 *
 * @param {StorageAnchor} anchor
 */
const headOf = ({ registry, logId, proof: { checkpoint } }) => ({
  registry,
  logId,
  size: checkpoint.size,
  root: toHex(checkpoint.root),
});

/** @param {Trust | undefined} trust */
const chainIds = (trust) => new Set(trust?.chains.map(({ chainId }) => chainId));

/**
 * @param {ReceiptAnchor} anchor
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @returns {Outcome}
 */
function anchorOf(anchor, bundle, trust) {
  const place = placeOf(anchor, bundle, trust);
  if ("status" in place && place.status === "fail") {
    return place;
  }
  // Even where nothing says which registry to trust, a proof that contradicts itself is false.
  return outcomeOf("The receipt does not prove the anchor", () => {
    const event = verifyAnchored({ ...anchor, header: parseHeader(anchor.header) });
    const { size, root } = anchor.proof.checkpoint;
    if (event.size !== size || !isEqual(event.root, root)) {
      const what = "The registry's event is about another tree head than the checkpoint.";
      return failed("anchored-another-head", what);
    }
    return "status" in place
      ? place
      : passed("anchored", `The receipt proves that the registry recorded the tree head of size ${size}.`);
  });
}

/**
 * The trusted chain that the anchor is on, or why there is none.
 *
 * @param {Anchor} anchor
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @returns {TrustedChain | Outcome}
 */
function placeOf({ chainId, registry, logId }, bundle, trust) {
  const { origin } = bundle.entry.record;
  if (trust === undefined) {
    return unchecked("no-trust", "No trust file was given: nothing says which registry is the log's.");
  }
  if (trust.origin !== origin) {
    return unchecked("log-not-trusted", `The trust file does not name the log ${origin}.`);
  }
  /** @param {TrustedChain} chain */
  const isContract = (chain) => chain.registry === registry && chain.logId === logId;
  const same = trust.chains.find((chain) => chain.chainId === chainId && isContract(chain));
  if (same !== undefined) {
    return same;
  }
  if (trust.chains.some((chain) => chain.chainId === chainId || isContract(chain))) {
    const claim = `registry 0x${registry} and log id 0x${logId} on chain ${chainId}`;
    return failed("wrong-registry", `The anchor names ${claim}; the trust file says otherwise.`);
  }
  return unchecked("chain-not-trusted", `The trust file names no registry on chain ${chainId}.`);
}

/**
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @param {ChainEvidence} evidence
 */
export function checkChain(bundle, trust, evidence) {
  return worst(bundle.anchors.map((anchor) => chainOf(anchor, bundle, trust, evidence)), PENDING);
}

/**
 * @param {Anchor} anchor
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @param {ChainEvidence} evidence
 */
function chainOf(anchor, bundle, trust, evidence) {
  const place = placeOf(anchor, bundle, trust);
  if ("status" in place) {
    return unchecked("no-trusted-chain", "Which chain the anchor must be on is not known: see the check before.");
  }
  if (isStored(anchor)) {
    return judgeHeight(anchor.block, place, evidence, chainIds(trust));
  }
  return outcomeOf("The block header is malformed", () => {
    return judge(parseHeader(anchor.header), place, evidence, chainIds(trust));
  });
}

/**
 * The block that an anchor claims to be in, of which nothing is proven before the checks `anchor` and `chain` have passed; a
 * storage-only anchor has no hash of it.
 *
 * @param {Anchor} anchor
 * @returns {{ number: bigint, timestamp: bigint, hash?: string }}
 * @throws {InvalidInput} for a malformed header
 */
export const claimedBlock = (anchor) =>
  isStored(anchor) ? { number: anchor.block, timestamp: anchor.time } : parseHeader(anchor.header);

/**
 * @typedef {object} Wanted the code of a registry, and of a block the hash or of a tree head what the registry holds
 * @property {number} chainId
 * @property {string} registry
 * @property {bigint} [height]
 * @property {import("./chain.js").AnchoredHead} [head]
 * @property {boolean} latest whether the number of the newest block is needed
 */

/**
 * What to ask endpoints before verifying; an anchor with a malformed header asks for nothing.
 *
 * @param {Bundle} bundle
 * @param {Trust} [trust]
 */
export function wantedOf({ anchors }, trust) {
  const latest = trust?.chains.some(({ depth }) => depth !== undefined) ?? false;
  /** @type {Wanted[]} */
  const wanted = [];
  for (const anchor of anchors) {
    const { chainId, registry } = anchor;
    try {
      const what = isStored(anchor) ? { head: headOf(anchor) } : { height: parseHeader(anchor.header).number };
      wanted.push({ chainId, registry, latest, ...what });
    } catch (error) {
      if (!(error instanceof InvalidInput)) {
        throw error; // a malformed header is reported by the checks `anchor` and `chain`
      }
    }
  }
  return wanted;
}

/**
 * What `check` gives; where it throws, that it failed.
 *
 * @param {string} what
 * @param {() => Outcome} check
 */
function outcomeOf(what, check) {
  try {
    return check();
  } catch (error) {
    if (error instanceof NotaryError) {
      return failed(error.code, `${what}: ${error.message}`);
    }
    throw error;
  }
}
