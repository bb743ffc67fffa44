import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FAULTS, optionsOf } from '../lab/faults.ts';
import type { Lab } from '../lab/lab.ts';
import type { LabPorts } from '../lab/transports.ts';
import { faultsOf, startLabHere, writeClient, writePolicy } from './lab.ts';
import { writeOut } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface LabCommandOptions {
  list?: boolean;
  fault?: string[];
  domain?: string;
  /** Of UDP and TCP; TLS takes the one above. */
  port?: number;
  tlsPort?: number;
  dnsPort?: number;
  folder?: string;
  /** Seconds. */
  for?: number;
  json?: boolean;
}

function listFaults({ json }: LabCommandOptions): void {
  const rows = Object.entries(FAULTS).map(([name, { title, expects }]) => ({ name, title, ...expects }));
  if (json === true) return writeOut(`${JSON.stringify(rows, null, 2)}\n`);
  const widest = (pick: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => pick(row).length));
  const [names, ids] = [widest(({ name }) => name), widest(({ findingId }) => findingId)];
  // One line each, however long: a list is made for grep.
  const lines = rows.map(({ name, findingId, title }) => `${name.padEnd(names)}  ${findingId.padEnd(ids)}  ${title}`);
  writeOut(`${lines.join('\n')}\n`);
}

function portsOf({ port, tlsPort, dnsPort }: LabCommandOptions): LabPorts {
  const tls = tlsPort ?? (port === undefined ? undefined : port + 1);
  if (tls !== undefined && tls > 65_535)
    throw new UsageError(`--port ${port} leaves no port above it for TLS; expected --tls-port as well`);
  return {
    ...(dnsPort === undefined ? {} : { dns: dnsPort }),
    ...(port === undefined ? {} : { udp: port, tcp: port }),
    ...(tls === undefined ? {} : { tls }),
  };
}

async function start(options: LabCommandOptions): Promise<Lab> {
  const { domain } = options;
  const faults = faultsOf(options.fault ?? [], '--fault');
  try {
    return await startLabHere({ faults, ports: portsOf(options), ...(domain === undefined ? {} : { domain }) });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${error.message}; expected others`);
    throw error;
  }
}

/** What a client needs besides the addresses, written where the user or nobody else looks; `remove` leaves nothing behind. */
async function writeFiles(lab: Lab, folder: string | undefined) {
  try {
    const place = folder === undefined ? await mkdtemp(join(tmpdir(), 'sipdiag-lab-')) : resolve(folder);
    await mkdir(place, { recursive: true });
    const [root, password] = [join(place, 'root.pem'), join(place, 'password')];
    await writeFile(root, lab.rootPem);
    await writeFile(password, `${lab.password}\n`, { mode: 0o600 });
    const remove = async (): Promise<void> => {
      if (folder === undefined) await rm(place, { recursive: true, force: true });
    };
    const [client, policy] = [await writeClient(lab, place), await writePolicy(lab, place)];
    return { root, password, client, policy, remove };
  } catch (error) {
    throw new UsageError(
      `cannot write into ${folder ?? tmpdir()}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface Files {
  root: string;
  password: string;
  client: { certificate: string; key: string } | undefined;
  policy: string | undefined;
}

const endpointText = ({ address, port }: Lab['dns']): string => `${address}:${port}`;
const quoted = (word: string): string => (/^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Where the witnesses are, and what the machine of the user makes necessary. */
function farSideWords({ witnesses, machine: { sipPorts } }: Lab, { policy }: Files): string[] {
  const { agent, stun } = witnesses;
  return [
    ...(agent === undefined ? [] : [`--agent ${endpointText(agent)}`]),
    ...(stun === undefined ? [] : [`--stun ${endpointText(stun)}`]),
    ...(policy === undefined ? [] : [`--policy ${quoted(policy)}`]),
    ...(sipPorts === undefined ? [] : [`--ports ${sipPorts.first}-${sipPorts.last}`]),
  ];
}

/** The words of a command line that looks at the lab. */
function commandLine(lab: Lab, files: Files): string {
  const looks = lab.faults.map((name) => FAULTS[name].look ?? {});
  const command = looks.find((look) => look.command !== undefined)?.command ?? 'doctor';
  const profile = looks.find((look) => look.profile !== undefined)?.profile;
  const service = looks.find((look) => look.service !== undefined)?.service;
  const target = service === undefined ? `sip:${lab.user}@${lab.domain}` : `${service}.${lab.domain}`;
  const resolvers = lab.resolvers.map(
    ({ label, endpoint, over }) => `${label}=${over === undefined ? '' : 'tls://'}${endpointText(endpoint)}`,
  );
  const signsIn = command === 'signin' || command === 'firewall' || looks.some(({ account }) => account === 'given');
  return [
    `sipdiag ${command} ${target}`,
    ...resolvers.map((one) => `--resolver ${one}`),
    ...lab.pins.map(({ host, port, endpoint }) => `--resolve ${host}:${port}:${endpointText(endpoint)}`),
    `--ca ${quoted(files.root)}`,
    ...(files.client === undefined
      ? []
      : [`--client-cert ${quoted(files.client.certificate)} --client-key ${quoted(files.client.key)}`]),
    ...(profile === undefined ? [] : [`--profile ${profile}`]),
    ...farSideWords(lab, files),
    ...new Set(looks.flatMap(optionsOf)),
    ...(signsIn ? [`--password-file ${quoted(files.password)}`] : []),
  ].join(' ');
}

/** What was started and how to look at it; the command line is never wrapped, so that it can be copied. */
function describe(lab: Lab, files: Files): string {
  const faults = lab.faults.map((name) => {
    const { title, expects } = FAULTS[name];
    return `  fault     ${name}: ${title} -> ${expects.findingId}`;
  });
  const { agent, stun } = lab.witnesses;
  return [
    `The lab serves ${lab.domain} on loopback, ${lab.faults.length === 0 ? 'healthy' : 'broken as you asked'}.`,
    '',
    ...lab.resolvers.map(
      ({ label, endpoint, over }) =>
        `  dns       ${endpointText(endpoint)} (${label}${over === undefined ? '' : ', over TLS'})`,
    ),
    `  sip       udp ${endpointText(lab.sip.udp)}, tcp ${endpointText(lab.sip.tcp)}, tls ${endpointText(lab.sip.tls)}`,
    ...(agent === undefined ? [] : [`  agent     ${endpointText(agent)}`]),
    ...(stun === undefined ? [] : [`  stun      ${endpointText(stun)}`]),
    `  account   ${lab.user}, its password in ${files.password}`,
    `  root      ${files.root}`,
    ...faults,
    '',
    'Look at it from another terminal:',
    '',
    `  ${commandLine(lab, files)}`,
    '',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

function asJson(lab: Lab, files: Files): string {
  const { domain, user, faults, sip } = lab;
  const dns = lab.resolvers.map(({ label, endpoint }) => ({ label, ...endpoint }));
  const paths = { rootFile: files.root, passwordFile: files.password, policyFile: files.policy };
  // One line: a script reads it and leaves the lab running.
  return `${JSON.stringify({ domain, user, faults, dns, sip, ...lab.witnesses, ...paths, command: commandLine(lab, files) })}\n`;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Watches from now on for the end that the user wants: Ctrl-C, a service manager, a closed terminal, or the time. */
function watchForEnd(seconds: number | undefined): { ended: Promise<void>; dismiss: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((done) => (end = done));
  // Where all servers are closed ports, nothing else keeps the process alive.
  const alive = seconds === undefined ? setInterval(() => undefined, 60_000) : setTimeout(end, seconds * 1000);
  for (const name of SIGNALS) process.once(name, end);
  const dismiss = (): void => {
    clearTimeout(alive);
    for (const name of SIGNALS) process.removeListener(name, end);
  };
  return { ended, dismiss };
}

async function serve(lab: Lab, { folder, json }: LabCommandOptions, ended: Promise<void>): Promise<void> {
  const files = await writeFiles(lab, folder);
  try {
    writeOut(json === true ? asJson(lab, files) : describe(lab, files));
    await ended;
  } finally {
    await files.remove();
  }
}

/** `sipdiag lab`: starts the lab, says how to look at it, and stops it at the end. Throws UsageError. */
export async function labCommand(options: LabCommandOptions): Promise<number> {
  if (options.list === true) {
    listFaults(options);
    return 0;
  }
  // Before anything is started: a Ctrl-C in between leaves nothing behind either.
  const { ended, dismiss } = watchForEnd(options.for);
  try {
    const lab = await start(options);
    try {
      await serve(lab, options, ended);
    } finally {
      await lab.stop();
    }
  } finally {
    dismiss();
  }
  return 0;
}
