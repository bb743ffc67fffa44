import type { NamedWitnesses } from '../../src/probe/other-witnesses.ts';
import type { Witness } from '../../src/model/far-side.ts';
import type { Report } from '../../src/model.ts';
import { requestTo, runInTime } from './hostile-run.ts';
import { startHostile, type AtEnd } from './hostile-server.ts';
import { createRegistrar } from './registrar.ts';

interface Asked {
  witness: Exclude<Witness, 'sip' | 'manual'>;
  named: NamedWitnesses;
  limitMs: number;
  /** The first of eight ports of this run: others run beside it. */
  ports: number;
}

/** What `sipdiag firewall` says of one witness, where all else is well. */
export async function askWitness({ witness, named, limitMs, ports }: Asked, atEnd: AtEnd): Promise<Report> {
  const sip = await startHostile(createRegistrar({}).onStream, undefined, atEnd);
  const range = (first: number) => ({ first, last: first + 3, source: 'option' as const });
  const farSide = {
    via: [witness],
    ports: { sip: range(ports), media: range(ports + 4) },
    listen: 'for-witnesses' as const,
    named,
  };
  const report = await runInTime(() =>
    requestTo(sip.endpoint, 'tcp', { command: 'firewall', timeoutMs: limitMs, farSide }),
  );
  await sip.abandoned();
  return report;
}

/** Why the witness could not be asked, as the finding has it; '' where it could. */
export const whyNot = ({ findings }: Report): string =>
  findings
    .filter(({ id }) => id.startsWith('witness.'))
    .map(({ id, text }) => `${id}: ${text}`)
    .join('\n');
