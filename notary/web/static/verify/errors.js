/** The input is not a text that `text/1` accepts; `code`, `position` and `field` are those of docs/spec. */
export class InvalidText extends Error {
  /**
   * @param {string} message one sentence for people, which says what to do
   * @param {string} code stable, kebab-case, for machines
   * @param {number} [position] the offset in the input, where known
   * @param {string} [field] the member of the profile, where the error is about one
   */
  constructor(message, code, position, field) {
    super(message);
    this.name = "InvalidText";
    this.code = code;
    this.position = position;
    this.field = field;
  }
}
