/** What tests against real servers need, and what happens when this machine does not have it: never a silent skip. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathWithSbin } from './server-process.ts';

export type Requirement =
  | 'kamailio'
  | 'sipp'
  | 'bind'
  | 'coturn'
  | 'openssl'
  | 'gnutls'
  | 'stunnel'
  | 'dig'
  | 'chromium'
  | 'xmllint'
  | 'namespaces'
  | 'terminal';

/** Programs by requirement. setpriv ends servers whose test process was killed. */
const PROGRAMS: Record<Requirement, string[]> = {
  kamailio: ['setpriv', 'kamailio', 'kamcmd'],
  bind: ['setpriv', 'named', 'named-checkconf', 'dig'],
  coturn: ['setpriv', 'turnserver'],
  sipp: ['setpriv', 'sipp'],
  openssl: ['openssl'],
  gnutls: ['setpriv', 'gnutls-serv'],
  stunnel: ['setpriv', 'stunnel4'],
  dig: ['dig'],
  chromium: ['chromium'],
  xmllint: ['xmllint'],
  namespaces: ['ip', 'nft'],
  terminal: ['script', 'stty'],
};

function isInstalled(program: string, path: string): boolean {
  return path.split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Containers may have root but not the right to make namespaces or to filter, so that only trying tells. */
function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const tryOut = [
    '--net',
    '--mount',
    'sh',
    '-c',
    'ip link add veth-a type veth peer name veth-b && nft add table inet try',
  ];
  try {
    execFileSync('unshare', tryOut, { env: { ...process.env, PATH: pathWithSbin() }, stdio: 'pipe', timeout: 10_000 });
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made: ${String(error).split('\n').slice(0, 2).join(' ')}`;
  }
}

/** Only addresses that an interface has serve named, and root alone can add one. */
function whyNoBind(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'BIND on an address of its own needs root';
}

/** Why this machine cannot meet a requirement, in words for a person; undefined: it can. `path` is searched for programs. */
export function whatIsMissing(requirement: Requirement, path = pathWithSbin()): string | undefined {
  const absent = PROGRAMS[requirement].filter((program) => !isInstalled(program, path));
  if (absent.length > 0) return `${requirement}: not installed: ${absent.join(', ')} (see .ci/debian-packages.txt)`;
  if (requirement === 'namespaces') return whyNoNamespaces();
  return requirement === 'bind' ? whyNoBind() : undefined;
}

/** What becomes of a group of tests, given what is missing and whether this is CI. */
export function fateOf(missing: string[], isCi: 'ci' | 'not-ci'): 'run' | 'leave-out' | 'fail' {
  if (missing.length === 0) return 'run';
  return isCi === 'ci' ? 'fail' : 'leave-out';
}

/** Stands in the place of a group that CI demands and this machine cannot run. */
function failFor(missing: string[]): void {
  test('finds what it needs, for in CI nothing may be left out', () => {
    expect(missing).toEqual([]);
  });
}

/**
 * `describe` for tests that need real servers. When something is missing, it says on standard error what is left out and why,
 * and leaves it out; with CI=true it puts a failing test in the place of the group instead.
 */
export function describeWith(requirements: Requirement[], name: string, fn: () => void): void {
  const missing = requirements.map((requirement) => whatIsMissing(requirement)).filter((why) => why !== undefined);
  const fate = fateOf(missing, process.env['CI'] === 'true' ? 'ci' : 'not-ci');
  const why = missing.join('; ');
  if (fate !== 'run') process.stderr.write(`\n*** LEFT OUT: ${name}\n*** because ${why}\n\n`);
  const body = fate === 'fail' ? () => failFor(missing) : fn;
  describe.runIf(fate !== 'leave-out')(`${name}${why === '' ? '' : ` (${why})`}`, () => {
    body();
  });
}
