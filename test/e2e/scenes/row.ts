/** What one row of the table of scenes says, and the words that most rows are written with. */
import type { Rung, RungResult, Severity, Verdict } from '../../../src/model.ts';

export type Ladder = Record<Rung, RungResult['status']>;

/** What a scene is played on; the last four are small servers of these tests, for what no real one can be brought to do. */
export type Server =
  | 'Kamailio'
  | 'BIND'
  | 'coturn'
  | 'sipp'
  | 'sipdiag agent'
  | 'openssl s_server'
  | 'openssl s_client'
  | 'openssl ocsp'
  | 'gnutls-serv'
  | 'stunnel'
  | 'silent port'
  | 'SIP over TLS by Node'
  | 'TCP by Node'
  | 'HTTP by Node';

/** An id, with its severity where that is worth the word: 'dns-ttl.zero info'. */
export type Told = `${string}.${string}` | Weighed;
type Weighed = `${string}.${string} ${Severity}`;

export interface Expected {
  status: Verdict['status'];
  rung: Rung | null;
  findingId: string | null;
  /** The exit code. */
  code: number;
  /** Of the rungs that are named here. */
  rungs?: Partial<Ladder>;
  /** Further findings that must be in the report. */
  tells?: readonly Told[];
  /** All findings of some rungs, notes included: these in any order, and no other. */
  only?: { rungs: readonly Rung[]; findings: readonly Told[] };
  /** All warnings and errors, in the order of the report. */
  complaints?: readonly Weighed[];
  /** Words of the first sentence: the names and numbers that a reader needs. Here too the stage fills in what stands in braces. */
  says?: readonly string[];
  /** Words that the texts of the findings hold, filled in likewise. */
  explains?: readonly string[];
}

/** One scene. `S` names the stage, of which each is played by one test file; `W` is how the world differs from that stage. */
export interface Row<S extends string, W> {
  /** Never used twice in the whole table. */
  id: string;
  stage: S;
  /** One clause, as the name of a test. */
  name: string;
  servers: readonly Server[];
  /** What is typed behind `sipdiag`; the stage fills in what stands between braces. */
  command: string;
  world: W;
  expected: Expected;
}

const allRungs = (status: RungResult['status']): Ladder => ({
  dns: status,
  connect: status,
  tls: status,
  certificate: status,
  sip: status,
  auth: status,
  callback: status,
  media: status,
});
export const NOT_TESTED: Ladder = allRungs('not-tested');
/** As far as a run without a password and without a witness gets. */
export const ALL_PASSED: Ladder = {
  ...allRungs('passed'),
  auth: 'not-tested',
  callback: 'not-tested',
  media: 'not-tested',
};

export type Ending = Pick<Expected, 'status' | 'rung' | 'findingId' | 'code'>;

export const endingOf = <C>({
  status,
  rung,
  findingId,
  code,
}: Pick<Verdict, 'status' | 'rung' | 'findingId'> & { code: C }) => ({
  status,
  rung,
  findingId,
  code,
});
export const HEALTHY: Ending = { status: 'healthy', rung: null, findingId: null, code: 0 };
export const broken = (rung: Rung, findingId: string): Ending => ({ status: 'broken', rung, findingId, code: 1 });
export const degraded = (rung: Rung, findingId: string): Ending => ({ status: 'degraded', rung, findingId, code: 0 });

/** Words of the verdict where no rung is to blame, but the machine that looks. */
export const NO_NETWORK = 'This machine has no way out to the network';

/** The rung could not be tested; a finding says why where it was asked of a witness who could not tell. */
export const unknown = (rung: Rung | null, findingId: `witness.${string}` | null = null): Ending => ({
  status: 'unknown',
  rung,
  findingId,
  code: 3,
});

/** What the rung of the verdict shows. */
export const RUNG_STATUS = { healthy: 'passed', degraded: 'warning', broken: 'failed', unknown: 'unknown' } as const;

/** How a test of that scene is called. */
export const titleOf = ({ id, name }: Row<string, unknown>): string => `${id}: ${name}`;

/** The text with the values of the stage. Throws Error for what the stage does not know. */
export const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{([^}]*)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the stage of "${text}" has no {${name}}`);
    return value;
  });

/** The arguments of the scene, with the values of the stage. */
export const argsOf = (
  { command }: Pick<Row<string, unknown>, 'command'>,
  values: Readonly<Record<string, string>>,
): string[] => command.split(' ').map((word) => filled(word, values));
