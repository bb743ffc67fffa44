/** What the scenes of DNS share: all findings of the rung dns are stated, and most worlds are looked at by both commands. */
import { RUNG_STATUS, type Ending, type Expected, type Row, type Server, type Told } from './row.ts';

export const COMMANDS = ['dns', 'doctor'] as const;
export type DnsCommand = (typeof COMMANDS)[number];

export interface DnsTale extends Pick<Expected, 'rungs' | 'says' | 'explains'> {
  id: string;
  name: string;
  ending: Ending;
  /** All findings of the rung dns, notes included. */
  findings: readonly Told[];
  /** Absent: Kamailio and BIND. */
  servers?: readonly Server[];
}

interface Staging<S extends string, W> {
  stage: S;
  command: DnsCommand;
  /** What is typed behind the command. */
  typed: string;
  world: W;
}

export function dnsRow<S extends string, W>(staging: Staging<S, W>, tale: DnsTale): Row<S, W> {
  const { stage, command, typed, world } = staging;
  const { id, name, ending, findings, servers = ['Kamailio', 'BIND'], rungs, says = [], explains = [] } = tale;
  return {
    id: `${stage}-${id}-${command}`,
    stage,
    name: `${command}, ${name}`,
    servers,
    command: `${command} ${typed}`,
    world,
    expected: {
      ...ending,
      rungs: { dns: RUNG_STATUS[ending.status], ...rungs },
      only: { rungs: ['dns'], findings },
      says,
      explains,
    },
  };
}
