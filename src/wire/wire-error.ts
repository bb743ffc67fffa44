/** Bytes that break the rules of their protocol. `code` names the rule, `offset` the octet where reading stopped; 0: the whole is at fault. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: string;
  readonly offset: number;

  constructor(code: string, message: string, offset = 0) {
    super(offset === 0 ? message : `${message} (at octet ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
