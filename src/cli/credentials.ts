import type { Target } from '../model.ts';
import type { RunRequest } from '../run.ts';
import { readTextFile } from './files.ts';
import { askHidden, canPrompt } from './hidden-prompt.ts';
import type { CredentialOptions } from './sip-options.ts';
import { UsageError } from './usage-error.ts';

/** Longer than any password, and short enough that no wrong file is read for long. */
const MAX_OCTETS = 1024;
const EXPECTED = 'a password';

/**
 * Refuses a password on the command line, where every process list and shell history shows it; the message does not repeat it.
 * Throws UsageError.
 */
export function refusePasswordIn(target: string): void {
  // In mailto:user@domain nothing is a password.
  if (!/^[^:@]*:[^@]*@/.test(target.trim().replace(/^(?:sips?|mailto|im|xmpp):/i, ''))) return;
  throw new UsageError(
    'the target holds a password, which other users of this machine can see; expected sip:user@domain and --password-file FILE, SIPDIAG_PASSWORD or a prompt',
  );
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of process.stdin) {
    const piece = Buffer.from(chunk as Uint8Array); // without an encoding a stream gives octets
    octets += piece.length;
    if (octets > MAX_OCTETS)
      throw new UsageError(`standard input is too long for a password; expected ${MAX_OCTETS} octets at most`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A file ends with a line end that nobody means; blanks may be meant. */
function passwordIn(text: string, source: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new UsageError(`${source} is empty; expected ${EXPECTED}`);
  if (/[\r\n\0]/.test(password))
    throw new UsageError(`${source} holds more than one line; expected ${EXPECTED} and nothing else`);
  return password;
}

/** The password in a file, or with '-' on standard input. Throws UsageError. */
export async function readSecret(file: string): Promise<string> {
  if (file === '-') return passwordIn(await readStandardInput(), 'standard input');
  return passwordIn(await readTextFile(file, EXPECTED, MAX_OCTETS), file);
}

/** undefined: there is none. Throws UsageError. */
async function readPassword(
  { passwordFile, knownPassword }: CredentialOptions,
  { account, prompt }: { account: string; prompt: 'offered' | 'left-out' },
): Promise<string | undefined> {
  if (passwordFile !== undefined) return readSecret(passwordFile);
  const inherited = process.env['SIPDIAG_PASSWORD'];
  if (inherited !== undefined && inherited !== '') return passwordIn(inherited, 'SIPDIAG_PASSWORD');
  if (knownPassword !== undefined) return knownPassword();
  if (prompt === 'left-out' || !canPrompt()) return undefined;
  const typed = await askHidden(`Password of ${account} (Enter: sign in without): `);
  return typed === '' ? undefined : passwordIn(typed, 'the prompt');
}

function checkName(option: string, name: string | undefined): void {
  if (name === undefined) return;
  if (name === '' || /[\u0000-\u001f\u007f]/.test(name))
    throw new UsageError(`${option} is empty or holds control characters; expected a name`);
}

/**
 * The account of a run; undefined where no password is given. The password is in a closure from here on, so that no report, trace
 * or error can come upon it. Throws UsageError.
 */
export async function readCredentials(
  target: Pick<Target, 'user'>,
  options: CredentialOptions,
  prompt: 'offered' | 'left-out',
): Promise<Pick<RunRequest, 'credentials' | 'accountGiven'>> {
  const { user = options.user } = target;
  checkName('--user', options.user);
  checkName('--auth-user', options.authUser);
  const account = options.authUser ?? user;
  const accountGiven = options.authUser === undefined ? ('address' as const) : ('account' as const);
  if (account === undefined || user === undefined) {
    if (options.passwordFile !== undefined || options.authUser !== undefined)
      throw new UsageError('whose password it is is not known; expected sip:user@domain, or --user NAME');
    return {};
  }
  const password = await readPassword(options, { account, prompt });
  if (password === undefined) return { accountGiven };
  return {
    credentials: {
      account,
      password: () => password,
      unverified: options.insecureCredentials === true ? 'allowed' : 'refused',
      ...(options.digestSha512t === true ? { sha512: 'truncated' as const } : {}),
    },
    accountGiven,
  };
}
