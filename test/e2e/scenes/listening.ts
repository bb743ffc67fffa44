/** What a peer presents that connects to `sipdiag tls --listen`. */
import { broken, degraded, HEALTHY, unknown, type Ending, type Expected, type Row } from './row.ts';

export type ListenScene = Row<
  'listen',
  {
    /** Behind `openssl s_client -connect …`; the stage fills in what stands in braces. Absent: nobody connects. */
    peer?: string;
  }
>;

const COMMAND = 'tls --listen {here} --ca {root}';
const VERIFY = '-verify_return_error -CAfile {root}';
const showing = (name: string): string => `-cert {${name}} -key {${name}.key}`;

interface Tale {
  id: string;
  name: string;
  peer?: string;
  command?: string;
  ending: Ending;
  more?: Pick<Expected, 'tells'>;
}

const row = ({ id, name, peer, command = COMMAND, ending, more }: Tale): ListenScene => ({
  id: `listen-${id}`,
  stage: 'listen',
  name,
  servers: ['openssl s_client'],
  command,
  world: peer === undefined ? {} : { peer },
  expected: { ...ending, ...more },
});

/** The same over each version of TLS. */
const OVER_BOTH = (['1.2', '1.3'] as const).flatMap((version): Tale[] => {
  const slug = version.replace('.', '-');
  const speaks = `-tls${version.replace('.', '_')}`;
  return [
    {
      id: `client-${slug}`,
      name: `a peer of TLS ${version} with a certificate for clients`,
      peer: `${speaks} -servername sip.example.com ${showing('both')}`,
      command: `${COMMAND} --verify-name sbc.example.org`,
      ending: HEALTHY,
    },
    {
      id: `server-only-${slug}`,
      name: `a peer of TLS ${version} with a certificate without clientAuth`,
      peer: `${speaks} ${showing('server-only')}`,
      ending: broken('certificate', 'cert-eku.client-auth-missing'),
    },
    {
      id: `disorder-${slug}`,
      name: `a peer of TLS ${version} whose chain is not in order`,
      peer: `${speaks} ${showing('below')} -cert_chain {disorder}`,
      ending: degraded('certificate', 'cert-chain.order'),
    },
    {
      id: `without-${slug}`,
      name: `a peer of TLS ${version} without a certificate`,
      peer: speaks,
      ending: broken('tls', 'tls-peer.no-certificate'),
    },
  ];
});

const TALES: readonly Tale[] = [
  ...OVER_BOTH,
  {
    id: 'stranger',
    name: 'a peer with a certificate of an authority that nobody here trusts',
    peer: showing('stranger'),
    ending: broken('certificate', 'cert-chain.untrusted-root'),
  },
  {
    id: 'refuses-us',
    name: 'a peer that refuses the throw-away certificate',
    peer: VERIFY,
    ending: unknown('certificate'),
    more: { tells: ['tls-peer.refused warning'] },
  },
  {
    id: 'own',
    name: 'a peer that verifies the certificate which is given',
    peer: `${VERIFY} ${showing('both')}`,
    command: `${COMMAND} --tls-cert {both} --tls-key {both.key}`,
    ending: HEALTHY,
  },
  {
    id: 'nobody',
    name: 'no peer',
    command: 'tls --listen {here} --deadline 300',
    ending: unknown('connect'),
  },
];

export const LISTENING: readonly ListenScene[] = TALES.map(row);
