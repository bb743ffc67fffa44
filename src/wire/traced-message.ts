import { maskSip } from './mask.ts';
import { decodeText } from './sip-text.ts';

/** One SIP message on its way, as a trace gathers it. It may hold secrets: masking is the business of whoever writes it. */
export interface TracedMessage {
  /** Milliseconds since the start of the run. */
  at: number;
  direction: 'sent' | 'received';
  transport: 'udp' | 'tcp' | 'tls';
  /** 'address:port' of this machine; IPv6 in brackets. So is `remote`. */
  local: string;
  remote: string;
  /** In clear, also with TLS. */
  bytes: Uint8Array;
}

/** A message that may be shown: text, and no secret in it. */
export type MaskedMessage = Omit<TracedMessage, 'bytes'> & { text: string };

const LONE = /[\ud800-\udfff]/gu;

/** The messages with their secrets masked (see `maskSip`), as text. An octet that is no UTF-8 shows as U+FFFD. */
export function maskTrace(messages: readonly TracedMessage[]): MaskedMessage[] {
  return messages.map(({ bytes, ...about }) => ({
    ...about,
    text: decodeText(maskSip(bytes)).text.replaceAll(LONE, '\ufffd'),
  }));
}
