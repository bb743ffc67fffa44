/** Brings the Debian packages that the tests against real servers need. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const LIST = new URL('debian-packages.txt', import.meta.url);
const POLICY = '/usr/sbin/policy-rc.d';
/** Whole apt-get call, in ms. */
const APT_LIMIT_MS = 600_000;

/**
 * Parts of the tests by what their packages' names start with.
 * @type {[string, string][]}
 */
const PARTS = [
  ['kamailio', 'sign-in at a real SIP server (Kamailio)'],
  ['bind9', 'real DNS servers (BIND)'],
  ['coturn', 'a real STUN and TURN server (coturn)'],
  ['openssl', 'certificates made by openssl'],
  ['chromium', 'the HTML report in a browser'],
  ['libxml2', 'the JUnit report against its schema'],
  ['nftables', 'firewalls and NAT between network namespaces'],
  ['iproute2', 'firewalls and NAT between network namespaces'],
];

/** @returns {string[]} */
function wantedPackages() {
  const lines = readFileSync(LIST, 'utf8').split('\n');
  return lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '');
}

/**
 * @param {string[]} wanted
 * @returns {string[]}
 */
function missingPackages(wanted) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const installed = new Set((stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')));
  return wanted.filter((name) => !installed.has(`${name} installed`));
}

/** @param {string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const { status, stdout, stderr, error } = spawnSync('apt-get', ['-q', ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: APT_LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  throw new Error(
    `apt-get ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`.trimEnd(),
  );
}

/**
 * The tests start their own servers; those of the packages shall not run beside them (invoke-rc.d(8): 101 forbids).
 * @param {string[]} packages
 */
function install(packages) {
  const isOwnPolicy = !existsSync(POLICY);
  if (isOwnPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet(['update']);
    aptGet(['install', '-y', '--no-install-recommends', ...packages]);
  } finally {
    if (isOwnPolicy) rmSync(POLICY, { force: true });
  }
}

/** Why nothing can be installed here; undefined: it can. */
function whyNotInstallable() {
  if (!existsSync('/etc/debian_version')) return 'this is not Debian';
  return process.getuid?.() === 0 ? undefined : 'only root can install packages';
}

/** @param {string[]} missing */
function partsOf(missing) {
  const parts = PARTS.filter(([start]) => missing.some((name) => name.startsWith(start))).map(([, part]) => part);
  return [...new Set(parts)];
}

/**
 * Installs what is missing and says so on standard output.
 * @returns {string[]} lines that say what is left out and why; none when everything is there
 */
export function provideDebianPackages() {
  const missing = missingPackages(wantedPackages());
  if (missing.length === 0) return [];
  let why = whyNotInstallable();
  if (why === undefined) {
    console.log(`installing ${missing.join(' ')}`);
    try {
      install(missing);
      return [];
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  }
  const still = missingPackages(missing);
  return [...partsOf(still).map((part) => `LEFT OUT: ${part}`), `because ${still.join(' ')} cannot be had: ${why}`];
}
