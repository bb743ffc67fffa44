/**
 * Networks of one's own, for root on Linux: network namespaces that are joined by veth pairs through a router with nftables.
 * The addresses (198.18.0.0/15, RFC 2544; 203.0.113.0/24, RFC 5737) exist inside the namespaces alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onProcessExit, type Stoppable } from './clean-up.ts';
import { run, runOrThrow, type RunOptions, type RunResult } from './run-command.ts';
import { isAlive, pathWithSbin } from './server-process.ts';

export interface NetworkOptions {
  /** nftables rules of the router, as for setRules. */
  rules?: string;
  /** Addresses of the server side; default 203.0.113.10. They share one namespace. */
  serverAddresses?: string[];
  /** What /etc/resolv.conf says in the client's namespace; absent: that of the machine. */
  clientResolvConf?: string;
}

export interface TestNetwork extends Stoppable {
  /** Names of the namespaces. */
  client: string;
  router: string;
  server: string;
  clientAddress: string;
  serverAddresses: string[];
  /** The router's side of the client's and of the server's network. */
  gateways: { client: string; server: string };
  /** Replaces all rules of the router by this nftables text; '' lets everything through. */
  setRules(rules: string): Promise<void>;
}

const CLIENT = { address: '198.18.0.10', gateway: '198.18.0.1' };
const SERVER = { address: '203.0.113.10', gateway: '203.0.113.1' };
const PREFIX = 'sipdiag';

/** A namespace is named after the process that made it, so that what a killed process has left can be told and removed. */
function namespaceName(role: string): string {
  const unique = process.hrtime.bigint().toString(36);
  return `${PREFIX}-${process.pid}-${unique}-${role}`;
}

function ipCommand(args: string[]): void {
  execFileSync('ip', args, { env: { ...process.env, PATH: pathWithSbin() }, stdio: 'pipe' });
}

function deleteNamespace(name: string): void {
  ipCommand(['netns', 'delete', name]);
  rmSync(join('/etc/netns', name), { recursive: true, force: true });
}

function listNamespaces(): string[] {
  try {
    return readdirSync('/run/netns');
  } catch {
    return [];
  }
}

/** Removes what test processes that no longer live have left behind, for a killed process cannot. */
function sweepNamespaces(): void {
  for (const name of listNamespaces()) {
    const [, pid] = /^sipdiag-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      deleteNamespace(name);
    } catch {
      // A test process beside this one sweeps too and was faster.
    }
  }
}

interface Namespace extends Stoppable {
  name: string;
}

function addNamespace(role: string): Namespace {
  const name = namespaceName(role);
  ipCommand(['netns', 'add', name]);
  let exists = true;
  const remove = () => {
    if (exists) deleteNamespace(name);
    exists = false;
  };
  const callOff = onProcessExit(remove);
  return {
    name,
    stop: () => {
      callOff();
      remove();
      return Promise.resolve();
    },
  };
}

/** A namespace in which nothing is up, not even loopback: a machine without any network. */
export function createEmptyNamespace(): Namespace {
  sweepNamespaces();
  return addNamespace('empty');
}

/** Runs a command, program first, in a namespace; see run for the rest. */
export function runIn(
  namespace: string,
  command: string[],
  options: Omit<RunOptions, 'namespace'> = {},
): Promise<RunResult> {
  return run(command, { ...options, namespace });
}

async function setRules(router: string, rules: string): Promise<void> {
  await runOrThrow(['nft', '-f', '-'], { namespace: router, input: `flush ruleset\n${rules}\n` });
}

/**
 * Router rules that keep packets from the client's side to the server's side (or the other way) from passing. `match` is an
 * nftables expression, 'tcp dport 5061'; 'drop' says nothing, 'reject' answers with ICMP, 'reset' with RST.
 */
export function blockRules(
  match: string,
  how: 'drop' | 'reject' | 'reset' = 'drop',
  from: 'client' | 'server' = 'client',
): string {
  const verdict =
    how === 'reset' ? 'reject with tcp reset' : how === 'reject' ? 'reject with icmpx admin-prohibited' : 'drop';
  return [
    'table inet fault { chain forward { type filter hook forward priority 0; policy accept;',
    `iifname "to-${from}" ${match} ${verdict}`,
    '}\n}',
  ].join('\n');
}

/** Router rules that hide the client behind the router's address on the server's side (NAPT), ports kept at random. */
export function natRules(): string {
  return [
    'table ip nat { chain postrouting { type nat hook postrouting priority 100; policy accept;',
    'oifname "to-server" masquerade random',
    '}\n}',
  ].join('\n');
}

interface Side {
  namespace: string;
  role: 'client' | 'server';
  addresses: string[];
  gateway: string;
}

/** One side of the router: an end system whose default route is the router. */
function joinToRouter(router: string, { namespace, role, addresses, gateway }: Side): void {
  const link = `to-${role}`;
  ipCommand(['-n', router, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
  ipCommand(['-n', router, 'address', 'add', `${gateway}/24`, 'dev', link]);
  ipCommand(['-n', router, 'link', 'set', link, 'up']);
  for (const address of addresses) ipCommand(['-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0']);
  for (const device of ['lo', 'eth0']) ipCommand(['-n', namespace, 'link', 'set', device, 'up']);
  ipCommand(['-n', namespace, 'route', 'add', 'default', 'via', gateway]);
}

/** ip-netns(8) puts what lies in /etc/netns/NAME over /etc for the commands that it runs. */
function writeResolvConf(namespace: string, text: string): void {
  const folder = join('/etc/netns', namespace);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'resolv.conf'), text);
}

async function stopAll(namespaces: Stoppable[]): Promise<void> {
  for (const namespace of namespaces) await namespace.stop();
}

/** Builds client (198.18.0.10) – router – server (203.0.113.10). Needs root. Throws Error, leaving nothing, when it cannot. */
export async function createNetwork(options: NetworkOptions = {}): Promise<TestNetwork> {
  sweepNamespaces();
  const made: Namespace[] = [];
  const add = (role: string): string => {
    const namespace = addNamespace(role);
    made.push(namespace);
    return namespace.name;
  };
  const serverAddresses = options.serverAddresses ?? [SERVER.address];
  try {
    const [client, router, server] = [add('client'), add('router'), add('server')];
    ipCommand(['-n', router, 'link', 'set', 'lo', 'up']);
    joinToRouter(router, { namespace: client, role: 'client', addresses: [CLIENT.address], gateway: CLIENT.gateway });
    joinToRouter(router, { namespace: server, role: 'server', addresses: serverAddresses, gateway: SERVER.gateway });
    await runOrThrow(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'], { namespace: router });
    await setRules(router, options.rules ?? '');
    if (options.clientResolvConf !== undefined) writeResolvConf(client, options.clientResolvConf);
    return {
      client,
      router,
      server,
      clientAddress: CLIENT.address,
      serverAddresses,
      gateways: { client: CLIENT.gateway, server: SERVER.gateway },
      setRules: (rules) => setRules(router, rules),
      stop: () => stopAll(made),
    };
  } catch (error) {
    await stopAll(made);
    throw error;
  }
}
