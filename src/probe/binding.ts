import type { Transport } from '../model.ts';
import { formatHostPort } from '../wire/sip-host.ts';
import { sentByOf, type Series } from './sip-requests.ts';

/** A Contact that this run registers, and takes back. */
export interface Binding {
  uri: string;
  /** 'urn:uuid:…', RFC 5626 section 4.1. */
  instance: string;
  /** Seconds; 0 removes the binding. */
  expires: number;
}

/** Short, for the case that it cannot be taken back; long enough for registrars with the usual minimum of a minute. */
export const EXPIRES_SECONDS = 60;
/** A registrar that wants more is not asked again: what cannot be taken back would stay for more than a day. */
export const MAX_EXPIRES_SECONDS = 86_400;

const PARAM: Record<Transport, string> = { udp: '', tcp: ';transport=tcp', tls: ';transport=tls' };

/** A version 4 UUID (RFC 9562 section 5.4) from 32 hexadecimal digits. */
export function instanceFrom(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

const userOf = (aor: string): string => /^sips?:(.*)@[^@]*$/.exec(aor)?.[1] ?? 'sipdiag';

/** The Contact of this end of a connection. */
export function contactOf({ series, plan }: { series: Series; plan: { instance: string } }): Binding {
  const { aor } = series.identity;
  const scheme = aor.startsWith('sips:') ? 'sips' : 'sip';
  const { address, port } = sentByOf(series.local);
  const host = formatHostPort({ host: address, port });
  // For sips the transport is tcp (RFC 3261 section 26.2.2 has TLS under it), and needs no parameter.
  const param = scheme === 'sips' ? '' : PARAM[series.about.transport];
  return {
    uri: `${scheme}:${userOf(aor)}@${host}${param}`,
    instance: plan.instance,
    expires: EXPIRES_SECONDS,
  };
}

/** The headers of a REGISTER that make, refresh or remove a binding. RFC 3261 section 10.2. */
export function bindContact({ uri, instance, expires }: Binding): {
  contact: string;
  headers: { name: string; value: string }[];
} {
  return {
    contact: `<${uri}>;+sip.instance="<${instance}>";expires=${expires}`,
    headers: [
      { name: 'Expires', value: String(expires) },
      // Behind an edge proxy that adds itself to the Path, a strict registrar answers 420 to whoever does not know it (RFC 3327 section 5.3).
      { name: 'Supported', value: 'path' },
    ],
  };
}
