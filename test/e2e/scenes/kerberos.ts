/** An account written user@domain at a server that offers Kerberos: what the key distribution centre of its domain decides. */
import { DOMAIN } from '../real/stage.ts';
import { broken, degraded, type Row } from './row.ts';

export type KerberosScene = Row<'kerberos', { centre: 'down' | 'up' }>;

const COMMAND = `signin sip:alice@${DOMAIN} --server {server} --transport tcp --timeout 900 --auth-user alice@${DOMAIN} --resolver {dns}`;

export const KERBEROS: readonly KerberosScene[] = [
  {
    id: 'kerberos-centre-down',
    stage: 'kerberos',
    name: 'the key distribution centre is down',
    servers: ['TCP by Node', 'BIND'],
    command: COMMAND,
    world: { centre: 'down' },
    expected: { ...broken('auth', 'registration.kerberos-trap'), says: [`dc1.${DOMAIN}:88 refused`] },
  },
  {
    id: 'kerberos-centre-up',
    stage: 'kerberos',
    name: 'the key distribution centre answers',
    servers: ['TCP by Node', 'BIND'],
    command: COMMAND,
    world: { centre: 'up' },
    expected: degraded('auth', 'registration.scheme-unsupported'),
  },
];
