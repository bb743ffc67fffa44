/** What listens on a port of TLS and speaks no TLS. */
import { HOST } from '../tls-certificates.ts';
import { broken, type Row } from './row.ts';

interface NotTlsWorld {
  port: 'clear' | 'silent' | 'closing';
}

export type NotTlsScene = Row<'not-tls', NotTlsWorld> | Row<'not-tls-doctor', NotTlsWorld>;

const PORTS = [
  ['clear', 'SIP in clear', 'tls-service.plaintext'],
  ['silent', 'a handshake that never answers', 'tls-handshake.timeout'],
  ['closing', 'a connection closed after the first octets', 'tls-handshake.closed'],
] as const;

const PIN = `--resolve ${HOST}:{port}:{address} --timeout 500`;

export const NOT_TLS: readonly NotTlsScene[] = PORTS.flatMap(([port, name, findingId]): NotTlsScene[] => {
  const common = { name, servers: ['TCP by Node'], world: { port } } as const;
  const ending = broken('tls', findingId);
  return [
    {
      ...common,
      id: `not-tls-${port}`,
      stage: 'not-tls',
      command: `tls ${HOST}:{port} ${PIN}`,
      expected: { ...ending, only: { rungs: ['dns', 'connect', 'tls', 'certificate', 'sip'], findings: [findingId] } },
    },
    {
      ...common,
      id: `not-tls-${port}-doctor`,
      stage: 'not-tls-doctor',
      command: `doctor sip:toml@${HOST}:{port};transport=tls ${PIN}`,
      expected: { ...ending, rungs: { certificate: 'not-tested' } },
    },
  ];
});
