import type { HandshakeRecord, NetFailure, NetReason } from '../world.ts';

/** Particulars of a failure; see `NetFailure` in world.ts for what each means. */
export interface NetErrorOptions extends ErrorOptions {
  alert?: number | undefined;
  received?: Uint8Array | undefined;
  handshake?: HandshakeRecord | undefined;
}

/** What went wrong on the way to a remote. `code` is the reason that the report shows; `cause` keeps the system's own error. */
export class NetError extends Error implements NetFailure {
  override readonly name = 'NetError';
  readonly code: NetReason;
  readonly alert?: number | undefined;
  readonly received?: Uint8Array | undefined;
  readonly handshake?: HandshakeRecord | undefined;

  constructor(code: NetReason, message: string, options: NetErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.alert !== undefined) this.alert = options.alert;
    if (options.received !== undefined) this.received = options.received;
    if (options.handshake !== undefined) this.handshake = options.handshake;
  }
}
