/** A real BIND 9 (named) with zones of one's own, as authority or as resolver. Several may run side by side. */
import { accessSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type Stoppable } from './clean-up.ts';
import { addLoopbackAddress } from './loopback-interface.ts';
import { run, runOrThrow } from './run-command.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { zoneBody } from './zone-records.ts';

/** Built-in ways of named to misbehave (its option -T): no TCP, no EDNS, queries with EDNS dropped, answers cut to 512 octets. */
export type BindBehaviour =
  'notcp' | 'noedns' | 'dropedns' | 'ednsformerr' | 'ednsnotimp' | 'ednsrefused' | 'maxudp512';

export interface BindOptions {
  address: string;
  port: number;
  /** Zone name to records, or to a whole zone file when the text has a SOA record; see zone-records.ts. */
  zones: Record<string, string>;
  /** Statements of the options block that add to or replace the default ones: { 'minimal-responses': 'yes' }. */
  options?: Record<string, string>;
  behaviours?: BindBehaviour[];
  /** Top-level statements: forward zones, views. With views, give `zones` as {}. */
  extraConfig?: string;
  /** 'fail' (default): a zone that cannot be loaded is an error of the test; 'servfail': it is wanted. */
  brokenZones?: 'fail' | 'servfail';
  /** The network namespace to run in; `address` has to exist there. */
  namespace?: string;
}

export interface Bind extends ServerProcess {
  endpoint: { address: string; port: number };
  /** The questions that were asked so far, in order: '_sip._tls.example.org SRV'. */
  queries(): string[];
}

/** Where AppArmor confines named, this is the folder that Debian's profile lets it use. */
const CONFINED_FOLDER = '/var/cache/bind';

function parentFolder(): string | undefined {
  try {
    accessSync('/sys/module/apparmor');
    accessSync('/etc/apparmor.d/usr.sbin.named');
    accessSync(CONFINED_FOLDER);
    return CONFINED_FOLDER;
  } catch {
    return undefined;
  }
}

function optionLines(bind: BindOptions, folder: string): string[] {
  const listen = (mine: string) => `port ${bind.port} { ${mine}; }`;
  const isV6 = bind.address.includes(':');
  const statements: Record<string, string> = {
    directory: `"${folder}"`,
    'listen-on': listen(isV6 ? 'none' : bind.address),
    'listen-on-v6': listen(isV6 ? bind.address : 'none'),
    'pid-file': 'none',
    'session-keyfile': 'none',
    'automatic-interface-scan': 'no',
    'interface-interval': '0',
    'empty-zones-enable': 'no',
    'dnssec-validation': 'no',
    'allow-query': '{ any; }',
    'minimal-responses': 'no',
    recursion: 'no',
    notify: 'no',
    querylog: 'yes',
    ...bind.options,
  };
  return Object.entries(statements).map(([name, value]) => `  ${name} ${value};`);
}

/** Writes the configuration and the zone files; gives the path of the former. */
function writeConfig(bind: BindOptions, folder: string): string {
  const zones = Object.entries(bind.zones).map(([name, text], index) => {
    writeFileSync(join(folder, `zone-${index}`), zoneBody(text, bind.address));
    return `zone "${name}" { type primary; file "zone-${index}"; };`;
  });
  const file = join(folder, 'named.conf');
  const lines = [
    'options {',
    ...optionLines(bind, folder),
    '};',
    'controls { };',
    ...zones,
    bind.extraConfig ?? '',
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** One question by UDP, or by TCP when named is told to serve no other; any answer will do, also REFUSED. */
async function answers(bind: BindOptions): Promise<boolean> {
  const question = [
    `@${bind.address}`,
    '-p',
    `${bind.port}`,
    '+tries=1',
    '+time=1',
    '+norecurse',
    '+noedns',
    '.',
    'SOA',
  ];
  const { code } = await run(['dig', ...question], { namespace: bind.namespace, timeoutMs: 3_000 });
  return code === 0;
}

function queriesIn(log: string): string[] {
  return [...log.matchAll(/ query: (\S+) IN (\S+) /g)]
    .map(([, name, type]) => `${name} ${type}`)
    .filter((q) => q !== '. SOA');
}

async function stopAll(parts: Stoppable[]): Promise<void> {
  for (const part of parts) await part.stop();
}

/** Starts named and waits until it answers. Throws Error with its log when it does not, or when a zone cannot be loaded. */
export async function startBind(bind: BindOptions): Promise<Bind> {
  const folder = temporaryFolder('bind', parentFolder());
  const parts: Stoppable[] = [folder];
  try {
    if (bind.namespace === undefined) parts.unshift(addLoopbackAddress(bind.address));
    const config = writeConfig(bind, folder.path);
    if (bind.brokenZones !== 'servfail') await runOrThrow(['named-checkconf', '-z', config]);
    const behaviours = (bind.behaviours ?? []).flatMap((behaviour) => ['-T', behaviour]);
    const server = await startServer({
      name: 'BIND',
      command: ['named', '-g', '-n', '1', ...behaviours, '-c', config],
      namespace: bind.namespace,
      folder: folder.path,
      ready: async (log) => / running$/m.test(log) && (await answers(bind)),
    });
    parts.unshift(server);
    return {
      ...server,
      endpoint: { address: bind.address, port: bind.port },
      queries: () => queriesIn(server.log()),
      stop: () => stopAll(parts),
    };
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}
