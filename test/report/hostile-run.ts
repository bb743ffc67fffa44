import { readFileSync } from 'node:fs';
import { assembleReport } from '../../src/judge.ts';
import type { Observation, Report } from '../../src/model.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { altNames, extendedKeyUsage, makeDer, makeKey } from '../pki/make-certificate.ts';
import { observations as samples } from './sample-observations.ts';
import { healthy } from './sample-reports.ts';
import { reportFaults } from './valid-report.ts';

type Path = (string | number)[];

/** Every text in a value, by where it stands. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    leavesOf(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A copy with a text in each of the places. */
function withText<T>(value: T, places: readonly Path[], text: string): T {
  const copy = structuredClone(value);
  for (const path of places) {
    let at: Record<string | number, unknown> = Object(copy);
    for (const step of path.slice(0, -1)) at = Object(at[step]);
    at[path.at(-1) ?? ''] = text;
  }
  return copy;
}

const isValid = (observation: Observation): boolean =>
  reportFaults({ ...healthy, observations: [observation] }).length === 0;

/** Texts that the schema leaves free: the others are our own words, times and octets. */
export const freeLeaves = (one: Observation): Path[] =>
  leavesOf(one).filter((path) => isValid(withText(one, [path], 'free \u0007 text')));

const DNS_KINDS: ReadonlySet<string> = new Set(['dns', 'authority', 'discovery']);
const MAX_LABEL = 60;

/** A label of these octets as every reader of DNS writes it (RFC 1035 section 5.1): no remote can put a name there in another form. */
function labelOf(text: string): string {
  const octets = Buffer.from(text.toLowerCase(), 'utf8').subarray(0, MAX_LABEL);
  const shown = [...octets].map((octet) => {
    const character = String.fromCharCode(octet);
    return /[a-z0-9_-]/.test(character) ? character : `\\${String(octet).padStart(3, '0')}`;
  });
  return shown.length === 0 ? 'empty' : shown.join('');
}

/** The observation with a text in every one of the places. */
const spoken = ({ one, places }: { one: Observation; places: readonly Path[] }, text: string): Observation =>
  withText(one, places, DNS_KINDS.has(one.kind) ? `${labelOf(text)}.example` : text);

/** The same attempt, failed for reasons that a remote words. */
const failed = (one: Observation, text: string): Observation => ({
  ...one,
  outcome: { ok: false, reason: 'tls-alert', alert: 40, detail: text, ms: 7, received: 'AAAA' },
});

const key = makeKey('ec');

/** A certificate whose every name is the text, as far as DER can hold it. */
function certificateOf(text: string): string {
  const name = text.slice(0, 2000);
  const extensions = [altNames(['dns', name], ['uri', name], ['email', name]), extendedKeyUsage('1.3.6.1.5.5.7.3.1')];
  return makeDer({ subject: name, key, extensions }).toString('base64');
}

function shown(one: TlsObservation, text: string): TlsObservation {
  if (!one.outcome.ok) return one;
  const chain = [certificateOf(text), certificateOf(`${text} issuer`)];
  return { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, chain, trustAnchors: [] } } };
}

const headersOf = (text: string): Record<string, string[]> =>
  Object.fromEntries(
    ['contact', 'warning', 'server', 'www-authenticate', 'via', 'ms-diagnostics', 'date', text].map((name) => [
      name,
      [text],
    ]),
  );

function answered(one: Observation, text: string): Observation {
  if (one.kind !== 'sip' || !one.outcome.ok) return one;
  return {
    ...one,
    outcome: { ...one.outcome, value: { ...one.outcome.value, status: 403, headers: headersOf(text) } },
  };
}

const tape: Report = JSON.parse(
  readFileSync(new URL('../../fixtures/tapes/doctor-lab-cert-expired.report.json', import.meta.url), 'utf8'),
);

/** Asking the schema takes its time, and the answer does not depend on the text. */
const BASE = [...samples, ...tape.observations.filter(({ kind }) => kind !== 'dns').slice(0, 12)].map((one) => ({
  one,
  places: freeLeaves(one),
}));

/** One of every kind, and a whole recorded run, with the text wherever a remote could have put it: good, and failed. */
function hostileObservations(text: string): Observation[] {
  const good = BASE.map((base) => answered(spoken(base, text), text));
  const certificates = good.flatMap((one) => (one.kind === 'tls' ? shown(one, text) : []));
  return [...good, ...certificates, ...samples.map((one) => failed(one, text))];
}

/** What today's checks make of observations that are hostile throughout. */
export const hostileReport = (text: string): Report => {
  const { version, startedAt, ms } = healthy;
  const target = { ...healthy.target, input: `sip:toml@${text}` };
  return assembleReport(hostileObservations(text), { version, command: 'doctor', startedAt, ms, target });
};
