import { describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { Observation, Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { sideBySide } from '../../src/probe/context.ts';
import { run } from '../../src/run.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { cutting } from './cut-conversation.ts';
import { requestTo } from './hostile-run.ts';
import { startHostile } from './hostile-server.ts';

const SIDE_BY_SIDE = 8;
/** Nothing here waits for a limit: a cut connection is heard of. */
const STEP_MS = 5000;
/** Octets of the answer to the REGISTER that takes the Contact back, and more. */
const LAST_ANSWER = 600;
/** Hundreds of runs, on a busy machine. */
const LIMIT_MS = 90_000;
type StreamTransport = 'tcp' | 'tls';

/** Passes connections on to the good server, and ends each when so many octets have come back on it. */
async function startCutting(lab: Lab, transport: StreamTransport, octets: number) {
  const { behaviour, returned } = cutting(lab.sip[transport], octets);
  return { ...(await startHostile(behaviour)), returned };
}

interface CutRun {
  report: Report;
  /** Octets that the good server has sent, on all connections. */
  returned: number;
}

async function signInCut(lab: Lab, transport: StreamTransport, octets: number): Promise<CutRun> {
  const server = await startCutting(lab, transport, octets);
  const credentials = { account: lab.user, password: () => lab.password, unverified: 'refused' as const };
  const request = requestTo(server.endpoint, transport, {
    trust: { added: [lab.rootPem], builtIn: () => Promise.resolve([]) },
    credentials,
    timeoutMs: STEP_MS,
    verifyName: lab.domain,
  });
  const report = await run(createRealWorld(), request);
  await server.abandoned();
  return { report, returned: server.returned() };
}

/** What is asked in clear beside a handshake that failed is not answered by a good TLS server. */
const isWaitedFor = ({ kind, outcome }: Observation): boolean =>
  !outcome.ok && outcome.reason === 'timeout' && kind !== 'cleartext';

const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id);

describe.each([
  ['tcp', 7],
  // A handshake costs more than an answer, and its records are cut in the same few ways.
  ['tls', 61],
] as const)('a good sign-in over %s', (transport, step) => {
  test(
    'that is cut short, wherever it is, is told as broken',
    async () => {
      const lab = await startLab();
      try {
        const whole = await signInCut(lab, transport, Infinity);
        expect(whole.report.rungs.find(({ rung }) => rung === 'auth')?.status).toBe('passed');
        const places = Array.from({ length: Math.ceil(whole.returned / step) }, (_, at) => at * step);
        expect(places.length).toBeGreaterThan(60);
        const runs = await sideBySide(places, SIDE_BY_SIDE, (octets) => signInCut(lab, transport, octets));
        for (const { report } of runs) {
          assertValidReport(JSON.parse(JSON.stringify(report)));
          expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
          expect(report.observations.filter(isWaitedFor)).toEqual([]);
        }
        // Once the Contact is taken back, nothing is lost with the connection.
        const unbroken = places.filter((_, at) => runs[at]?.report.verdict.status !== 'broken');
        expect(unbroken.filter((octets) => octets < whole.returned - LAST_ANSWER)).toEqual([]);
        const told = runs.filter(({ report }) => idsOf(report).includes('registration.left-behind')).length;
        expect(lab.bindings().length).toBeLessThanOrEqual(told);
      } finally {
        await lab.stop();
      }
    },
    LIMIT_MS,
  );
});
