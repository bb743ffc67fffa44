import { diagnose } from './doctor.ts';
import type { TlsOptions } from './tls-options.ts';
import { UsageError } from './usage-error.ts';

const EXPECTED = 'expected sipdiag tls HOST[:PORT], a domain or a SIP URI, or --file FILE, or --listen PORT';

/** What the three uses of the command do not share. */
function checkUse(target: string | undefined, { file, listen, name, key, tlsCert, tlsKey }: TlsOptions): void {
  const uses = [target, file, listen].filter((one) => one !== undefined);
  if (uses.length === 0) throw new UsageError(`the target is missing; ${EXPECTED}`);
  if (uses.length > 1) throw new UsageError(`a target, --file and --listen exclude each other; ${EXPECTED}`);
  if (file === undefined && (name !== undefined || key !== undefined))
    throw new UsageError('--name and --key go with --file; for a server, use --verify-name NAME');
  if (listen === undefined && (tlsCert !== undefined || tlsKey !== undefined))
    throw new UsageError(
      '--tls-cert and --tls-key go with --listen; to show a certificate to a server, use --client-cert',
    );
}

/** `sipdiag tls`: what a server, a file or a peer presents. Throws UsageError. */
export async function tlsCommand(target: string | undefined, given: TlsOptions): Promise<number> {
  const options = { ...given, ...passwordOf(given) };
  if (options.lab !== undefined) {
    const [stray] = (['file', 'listen', 'name', 'key'] as const).filter((one) => options[one] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} does not go with --lab; expected one of the two`);
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, (input, changed) => lookAt(input, { ...options, ...changed }));
  }
  checkUse(target, options);
  if (options.file !== undefined) {
    const { tlsFileCommand } = await import('./tls-file.ts');
    return tlsFileCommand(options.file, options);
  }
  if (options.listen !== undefined) {
    const { tlsListenCommand } = await import('./tls-listen.ts');
    return tlsListenCommand(options.listen, options);
  }
  return lookAt(target ?? '', options);
}

/** One password opens whatever is sealed. */
const passwordOf = ({ passwordFile, pfxPasswordFile }: TlsOptions): Pick<TlsOptions, 'pfxPasswordFile'> => {
  const file = pfxPasswordFile ?? passwordFile;
  return file === undefined ? {} : { pfxPasswordFile: file };
};

function lookAt(target: string, options: TlsOptions): Promise<number> {
  if (options.transport !== undefined && options.transport.join() !== 'tls')
    throw new UsageError(`--transport ${options.transport.join(',')} does not fit; expected tls, or none`);
  return diagnose(target, { ...options, transport: ['tls'] }, { command: 'tls' });
}
