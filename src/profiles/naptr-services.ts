import type { Transport } from '../model.ts';

/** What a NAPTR record of SIP promises. RFC 3263 section 4.1, RFC 7118 section 8, RFC 4168 section 6. */
export interface NaptrService {
  /** Upper case, as registered. */
  service: string;
  /** What speaks it; null: not a way in for a client that signs in by DNS. */
  transport: Transport | null;
  /** The first labels of the SRV name that it customarily leads to. */
  prefix: string;
  /** Why it is passed over, where it is. */
  passedOver?: string;
}

const WEBSOCKET = 'WebSocket: browsers use a configured address instead';
const SCTP = 'SCTP: no client of today signs in over it';

export const NAPTR_SERVICES: readonly NaptrService[] = [
  { service: 'SIPS+D2T', transport: 'tls', prefix: '_sips._tcp.' },
  { service: 'SIP+D2T', transport: 'tcp', prefix: '_sip._tcp.' },
  { service: 'SIP+D2U', transport: 'udp', prefix: '_sip._udp.' },
  { service: 'SIPS+D2W', transport: null, prefix: '_sips._ws.', passedOver: WEBSOCKET },
  { service: 'SIP+D2W', transport: null, prefix: '_sip._ws.', passedOver: WEBSOCKET },
  { service: 'SIPS+D2S', transport: null, prefix: '_sips._sctp.', passedOver: SCTP },
  { service: 'SIP+D2S', transport: null, prefix: '_sip._sctp.', passedOver: SCTP },
];
