/** Raised on purpose; `code`, `position` and `field` are those of docs/spec. */
export class NotaryError extends Error {
  /**
   * @param {string} message one sentence for people, which says what to do
   * @param {string} code stable, kebab-case, for machines
   * @param {number} [position] the offset in the input, where known
   * @param {string} [field] the member at fault, where the error is about one
   */
  constructor(message, code, position, field) {
    super(message);
    this.code = code;
    this.position = position;
    this.field = field;
  }
}

/** The bytes or values given are not what they must be. */
export class InvalidInput extends NotaryError {}

/** The input is not a text that `text/1` accepts, or a page or profile that cannot be used. */
export class InvalidText extends InvalidInput {
  name = "InvalidText";
}

/** Not strict JSON, or not the canonical form of it. */
export class MalformedJson extends InvalidInput {
  name = "MalformedJson";
}

/** A record, entry, manifest or meta object of the wrong shape. */
export class InvalidRecord extends InvalidInput {
  name = "InvalidRecord";
}

/** A signed note, checkpoint, verifier key or tlog-proof of the wrong form. */
export class InvalidNote extends InvalidInput {
  name = "InvalidNote";
}

/** Not canonical RLP, or an Ethereum object of the wrong shape. */
export class InvalidRlp extends InvalidInput {
  name = "InvalidRlp";
}

/** Not a bundle. */
export class InvalidBundle extends InvalidInput {
  name = "InvalidBundle";
}

/** Not a trust file. */
export class InvalidTrust extends InvalidInput {
  name = "InvalidTrust";
}

/** Well-formed evidence that does not prove what it claims. */
export class ProofFailed extends NotaryError {
  name = "ProofFailed";
}
