import type { Observation } from '../model.ts';
import type { Server } from '../model/dns.ts';
import type { SipObservation } from '../model/sip.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import { certificateOf } from './matrix-rows.ts';
import { registerThatCounts } from './register-that-counts.ts';
import { endpointText } from './standing.ts';

/** Timer F: 64 times T1 of 500 ms. RFC 3261 sections 17.1.2.2 and 17.1.1.1. */
const TIMER_F_MS = 32_000;

/** What becomes of a client at one address of a set. */
export interface Stop {
  /** 'sip1.example.com (192.0.2.1:5060)'. */
  server: string;
  /** null: the user or DNS gives none. */
  priority: number | null;
  /** registers: it stays. leaves: it goes on to the next (RFC 3263 section 4.3). ends: what it was told sends nobody on. */
  how: 'registers' | 'leaves' | 'ends';
  /** '503 Service Unavailable', 'connection refused'. */
  why: string;
  /** How long the client stays before it goes on, at the latest. */
  afterMs: number;
  /** Seconds; null: the server does not say. RFC 3261 section 20.33. */
  retryAfter: number | null;
}

type Row = Extract<Observation, { kind: 'tcp' | 'tls' | 'sip' }>;
type Seen = { readonly [K in Row['kind']]: readonly Extract<Row, { kind: K }>[] };
type Fate = Pick<Stop, 'how' | 'why' | 'afterMs' | 'retryAfter'>;

const leaves = (why: string, afterMs = 0): Fate => ({ how: 'leaves', why, afterMs, retryAfter: null });

/** A failure that the transport reports is known at once; silence lasts until the transaction is given up. */
function leavesFor(what: string, { outcome }: Row): Fate | undefined {
  if (outcome.ok) return undefined;
  return outcome.reason === 'timeout' ? leaves(`${what}: no answer`, TIMER_F_MS) : leaves(`${what}: ${outcome.reason}`);
}

const UNAVAILABLE = 503;

function answered(one: SipObservation, isTaken: (status: number) => boolean): Fate {
  if (!one.outcome.ok) return leavesFor('SIP', one) ?? leaves('SIP');
  const { status, reason, headers } = one.outcome.value;
  const why = `${status} ${reason}`.trim();
  const { retryAfter = null } = readAdvice(headers);
  if (status === UNAVAILABLE) return { how: 'leaves', why, afterMs: 0, retryAfter };
  return { how: isTaken(status) ? 'registers' : 'ends', why, afterMs: 0, retryAfter };
}

const isChallengeOrOk = (status: number): boolean => status < 300 || status === 401 || status === 407;
const isAlive = (status: number): boolean => status < 500;

/** A redirection sends the client on too, to where it says: that is told apart. RFC 3261 section 8.1.3.4. */
const isRedirection = (status: number): boolean => status >= 300 && status < 400;

function fateOf(mine: Seen, asks: 'REGISTER' | 'OPTIONS'): Fate | undefined {
  const [tcp] = mine.tcp;
  const [tls] = mine.tls;
  const below = (tcp && leavesFor('connection', tcp)) ?? (tls && leavesFor('TLS', tls));
  if (below !== undefined) return below;
  const certificate = certificateOf(tls);
  if (certificate?.good === 'no') return leaves(`certificate: ${certificate.text}`);
  const query = mine.sip.find(({ about }) => about.method === asks && about.step === undefined);
  if (query === undefined) return undefined;
  const sip = registerThatCounts(query, mine.sip);
  return answered(sip, asks === 'OPTIONS' ? isAlive : (status) => isChallengeOrOk(status) || isRedirection(status));
}

/** By name where there is a row by name: that is how a client connects. */
function rowsOf<K extends Row['kind']>(all: Seen[K], server: Server, address: string): Seen[K][number][] {
  const mine = all.filter(
    ({ about }) => about.transport === server.transport && about.port === server.port && about.address === address,
  );
  const named = mine.filter(({ about }) => about.by !== 'address');
  return named.length > 0 ? named : mine;
}

/** The addresses of one set in the order in which a client tries them, up to the one that it stays with. */
export function pathThrough(set: readonly Server[], seen: Seen, asks: 'REGISTER' | 'OPTIONS'): Stop[] {
  return set.flatMap((server) =>
    server.addresses.flatMap((address) => {
      const mine = {
        tcp: rowsOf<'tcp'>(seen.tcp, server, address),
        tls: rowsOf<'tls'>(seen.tls, server, address),
        sip: rowsOf<'sip'>(seen.sip, server, address),
      };
      const fate = fateOf(mine, asks);
      const endpoint = endpointText({ address, port: server.port });
      const name = server.host === address ? endpoint : `${server.host} (${endpoint})`;
      return fate === undefined ? [] : [{ server: name, priority: server.priority ?? null, ...fate }];
    }),
  );
}
