import { CERTIFICATE_FAULTS } from './certificate-faults.ts';
import { DNS_FAULTS } from './dns-faults.ts';
import { CALLBACK_FAULTS } from './callback-faults.ts';
import { MEDIA_FAULTS } from './media-faults.ts';
import { HEALTHY_PLAN, type Fault, type LabPlan, type Look } from './plan.ts';
import { SIP_FAULTS } from './sip-faults.ts';
import { TLS_FAULTS } from './tls-faults.ts';

/** In the order of the ladder. */
const table = {
  ...DNS_FAULTS,
  ...TLS_FAULTS,
  ...CERTIFICATE_FAULTS,
  ...SIP_FAULTS,
  ...CALLBACK_FAULTS,
  ...MEDIA_FAULTS,
};

export type FaultName = keyof typeof table;

/** Every fault that the lab can show, with what a diagnosis should make of it. */
export const FAULTS: Readonly<Record<FaultName, Readonly<Fault>>> = table;

/** Every name, in the order of the ladder. */
export const FAULT_NAMES = Object.keys(FAULTS).filter(isFaultName);

/** True when the text is the name of a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text);
}

/** How the fault has to be looked at to see that finding: every finding that it raises, the first the one that it is meant for. */
export function looksAt(fault: FaultName): { findingId: string; look: Look }[] {
  const { expects, look = {}, also = [] } = FAULTS[fault];
  return [{ findingId: expects.findingId, look }, ...also.map((one) => ({ ...one, look: one.look ?? look }))];
}

/** The words of a command line that ask for more than the command asks by itself. */
export function optionsOf({ asks, transport, idle, count }: Look): string[] {
  return [
    ...(asks === undefined ? [] : [`--${asks}`]),
    ...(transport === undefined ? [] : ['--transport', transport]),
    ...(idle === undefined ? [] : ['--idle', String(idle)]),
    ...(count === undefined ? [] : ['--count', String(count)]),
  ];
}

/** The command line, behind `sipdiag`, that shows the fault on a lab of its own. */
function tryLine(fault: FaultName, look: Look): string {
  const { command = 'doctor', service } = look;
  const target = service === undefined ? [] : [`${service}.fuzzybunny.local`];
  return [command, ...target, '--lab', fault, ...optionsOf(look)].join(' ');
}

/** The command lines that show a finding, one for each fault that raises it. */
export function tryLinesFor(findingId: string): string[] {
  return FAULT_NAMES.flatMap((name) =>
    looksAt(name).flatMap((one) => (one.findingId === findingId ? [tryLine(name, one.look)] : [])),
  );
}

/** The healthy plan with the faults' changes. Throws RangeError when two faults want the same part to fail in different ways. */
export function planFor(faults: readonly FaultName[]): LabPlan {
  const changes = new Map<string, string>();
  for (const fault of faults) {
    for (const [part, value] of Object.entries(FAULTS[fault].change)) {
      if ((changes.get(part) ?? value) !== value) {
        throw new RangeError(`the faults ${faults.join(', ')} contradict each other about '${part}'`);
      }
      changes.set(part, value);
    }
  }
  return faults.reduce<LabPlan>((plan, fault) => ({ ...plan, ...FAULTS[fault].change }), HEALTHY_PLAN);
}
