import type { Command } from 'commander';
import type { RunRequest } from '../run.ts';
import type { ClientCertificateOptions } from './client-certificate.ts';
import { addRunOptions, type RunOptions } from './common-options.ts';

/** What the user asks of handshakes, whichever command makes them. */
export type HandshakeOptions = ClientCertificateOptions & { versions?: boolean; thorough?: boolean };

/** Options of `sipdiag tls`: those of a run, of a file, and of listening. */
export type TlsOptions = RunOptions &
  HandshakeOptions & {
    lab?: string | true;
    file?: string;
    key?: string;
    name?: string;
    passwordFile?: string;
    listen?: string;
    tlsCert?: string;
    tlsKey?: string;
  };

/** Mutual TLS: for every command that connects. */
export function addClientCertificateOptions(command: Command): Command {
  return command
    .option('--client-cert <file>', 'certificate that is offered when a server asks for one, with its intermediates')
    .option('--client-key <file>', 'its private key; default: in the same file')
    .option('--pfx <file>', 'certificate and key in one PKCS#12 file')
    .option('--pfx-password-file <file>', 'file with the password of the PKCS#12 file or of the private key');
}

/** All options of `sipdiag tls`. */
export function addTlsOptions(command: Command): Command {
  return addClientCertificateOptions(addRunOptions(command))
    .option('--versions', 'try TLS 1.0, 1.1, 1.2 and 1.3, each on a connection of its own')
    .option('--file <file>', 'judge the certificates in a file: PEM, DER, PKCS#12 or PKCS#7; no network')
    .option('--name <name>', 'with --file: the name that clients look for')
    .option('--key <file>', 'with --file: say whether this private key belongs to the certificate')
    .option('--password-file <file>', 'file with the password of what --file, --key, --pfx or --tls-key name')
    .option('--listen <[ip:]port>', 'wait for one peer to connect, and judge what it presents as a client')
    .option('--tls-cert <file>', 'with --listen: the certificate to show; default: a throw-away one')
    .option('--tls-key <file>', 'with --listen: its private key; default: in the same file')
    .option('--lab [fault]', 'look at the embedded lab instead, healthy or with a fault');
}

/** The part of a request that these options make. Throws UsageError. */
export async function tlsRequestOf(
  options: HandshakeOptions,
): Promise<Pick<RunRequest, 'clientCertificate' | 'versions'>> {
  const { clientCert, clientKey, pfx, versions, thorough } = options;
  const asked = versions === true || thorough === true;
  const request: Pick<RunRequest, 'versions'> = asked ? { versions: 'asked' } : {};
  if (clientCert === undefined && clientKey === undefined && pfx === undefined) return request;
  const { loadClientCertificate } = await import('./client-certificate.ts');
  const clientCertificate = await loadClientCertificate(options);
  return clientCertificate === undefined ? request : { ...request, clientCertificate };
}
