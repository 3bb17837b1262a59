/** The input is not a text that `text/1` accepts; `code` and `position` are those of docs/spec. */
export class InvalidText extends Error {
  /**
   * @param {string} message one sentence for people, which says what to do
   * @param {string} code stable, kebab-case, for machines
   * @param {number} [position] the offset in the input, where known
   */
  constructor(message, code, position) {
    super(message);
    this.name = "InvalidText";
    this.code = code;
    this.position = position;
  }
}
