/** `openssl ocsp`: answers about certificates, as files for a server to staple or as a responder over HTTP. */
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority, Issued } from './certificates.ts';
import { temporaryFolder } from './clean-up.ts';
import { runOrThrow } from './run-command.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface Answered {
  issued: Issued;
  state: 'good' | 'revoked';
}

/** The database of `openssl ca`, of which the responder reads the state, the times and the serial number. */
function indexOf(answered: readonly Answered[]): string {
  return answered
    .map(({ issued, state }) => {
      const { serialNumber } = new X509Certificate(issued.certPem);
      const revoked = state === 'revoked' ? '260101000000Z,keyCompromise' : '';
      return `${state === 'revoked' ? 'R' : 'V'}\t351231235959Z\t${revoked}\t${serialNumber}\tunknown\t/CN=any\n`;
    })
    .join('');
}

interface Responder {
  authority: Authority;
  answered: readonly Answered[];
  /** Default: the authority itself. */
  signer?: Pick<Issued, 'certFile' | 'keyFile'>;
}

function commandOf({ authority, answered, signer = authority }: Responder, folder: string): string[] {
  const index = join(folder, 'index.txt');
  writeFileSync(index, indexOf(answered));
  const signing = ['-CA', authority.certFile, '-rsigner', signer.certFile, '-rkey', signer.keyFile];
  return ['openssl', 'ocsp', '-index', index, ...signing, '-ndays', '1'];
}

/** Makes a response about one certificate; gives the name of the file, DER. */
export async function makeOcspResponse(folder: string, about: Issued, responder: Responder): Promise<string> {
  const [request, response] = [join(folder, 'request.der'), join(folder, `response-${process.hrtime.bigint()}.der`)];
  const { authority } = responder;
  await runOrThrow(['openssl', 'ocsp', '-issuer', authority.certFile, '-cert', about.certFile, '-reqout', request]);
  await runOrThrow([...commandOf(responder, folder), '-reqin', request, '-respout', response]);
  return response;
}

/** Starts a responder that listens on every address of the namespace, and waits until it does. */
export async function startOcspResponder(
  where: { namespace: string; port: number },
  responder: Responder,
): Promise<ServerProcess> {
  const folder = temporaryFolder('ocsp');
  return startServer({
    name: 'openssl ocsp',
    command: [...commandOf(responder, folder.path), '-port', String(where.port)],
    namespace: where.namespace,
    folder: folder.path,
    ready: (log) => Promise.resolve(log.includes('waiting for OCSP client connections')),
  });
}
