/** Certificates that are to confuse a terminal, or to flood whoever reads them. */
import { randomBytes } from 'node:crypto';
import {
  altNames,
  der,
  extendedKeyUsage,
  keyUsage,
  type TestExtension,
  type TestName,
} from '../../pki/make-certificate.ts';
import { HOST } from '../tls-certificates.ts';
import { broken, type Ending, type Row } from './row.ts';

interface Hostile {
  /** Absent: that of the host. */
  subject?: string;
  extensions: () => TestExtension[];
}

export type HostileCertificateScene = Row<'hostile-certificates', Hostile>;

const ESCAPES = '\u001B[2J\u001B]0;owned\u0007\u009B31m';
const RTL = '\u202Egro.elpmaxe\u202C\u2066\u200F';

const uses = [extendedKeyUsage('1.3.6.1.5.5.7.3.1'), keyUsage(0x80)];
const names = (count: number): TestExtension =>
  altNames(...Array.from({ length: count }, (_, at): TestName => ['dns', `host${at}.example.org`]));
const filler = (octets: number): TestExtension => ({ oid: '1.2.3.4', value: der(0x04, randomBytes(octets)) });

const SELF_SIGNED = broken('certificate', 'cert-chain.self-signed');
const TOO_LARGE = broken('tls', 'tls-handshake.too-large');

const row = (
  { id, name, ending }: { id: string; name: string; ending: Ending },
  world: Hostile,
): HostileCertificateScene => ({
  id: `hostile-certificates-${id}`,
  stage: 'hostile-certificates',
  name,
  servers: ['openssl s_server'],
  command: `tls ${HOST}:{port} --resolve ${HOST}:{port}:{address}`,
  world,
  expected: ending,
});

export const HOSTILE_CERTIFICATES: readonly HostileCertificateScene[] = [
  row(
    { id: 'escapes', name: 'escape sequences and NUL', ending: SELF_SIGNED },
    { subject: `${ESCAPES}\0x`, extensions: () => [altNames(['dns', `${ESCAPES}\0.example.org`]), ...uses] },
  ),
  row(
    { id: 'direction', name: 'marks that turn the writing direction', ending: SELF_SIGNED },
    { subject: RTL, extensions: () => [altNames(['dns', RTL], ['uri', `sip:${RTL}`]), ...uses] },
  ),
  row({ id: 'names', name: '4,000 names', ending: SELF_SIGNED }, { extensions: () => [names(4_000), ...uses] }),
  row(
    { id: 'too-many-names', name: '10,000 names', ending: TOO_LARGE },
    { extensions: () => [names(10_000), ...uses] },
  ),
  row(
    { id: 'megabyte', name: 'an extension of a megabyte', ending: TOO_LARGE },
    { extensions: () => [filler(1_048_576), ...uses] },
  ),
];
