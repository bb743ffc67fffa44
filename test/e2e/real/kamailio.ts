/** A real Kamailio: SIP registrar and proxy over UDP, TCP and TLS, on an address of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './clean-up.ts';
import { kamailioConfig, kamailioTlsConfig, type KamailioSettings, type SipTransport } from './kamailio-config.ts';
import { freePorts } from './ports.ts';
import { runOrThrow } from './run-command.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface KamailioOptions extends KamailioSettings {
  /** Absent: free ports, in a namespace 5060 and 5061. UDP and TCP share one unless told otherwise. */
  ports?: Partial<Record<SipTransport, number>>;
  /** The network namespace to run in; `address` has to exist there. */
  namespace?: string;
}

/** One registered Contact, as Kamailio's location table has it. */
export interface Binding {
  /** The Contact URI. */
  contact: string;
  /** Seconds left. */
  expires: number;
  callId: string;
  /** Where the REGISTER came from, when Kamailio has noted it. */
  received: string | undefined;
  userAgent: string | undefined;
  /** The socket of the server that took it, 'tls:127.0.0.1:5061'. */
  socket: string | undefined;
}

export interface Kamailio extends ServerProcess {
  address: string;
  udpPort: number;
  tcpPort: number;
  tlsPort: number;
  /** The bindings of an address of record, 'user@domain', asked from Kamailio itself; none: an empty array. */
  bindings(aor: string): Promise<Binding[]>;
  /** Runs any RPC command of Kamailio and gives its answer as kamcmd prints it; an error of Kamailio throws. */
  rpc(command: string[]): Promise<string>;
}

async function choosePorts(options: KamailioOptions): Promise<Record<SipTransport, number>> {
  const { udp, tcp, tls } = options.ports ?? {};
  // Nothing else runs in a namespace of one's own, so the registered ports (RFC 3261 section 19.1.2) are free there.
  const [plainPort, tlsPort] = options.namespace === undefined ? await freePorts(options.address, 2) : [5060, 5061];
  const plain = udp ?? tcp ?? plainPort ?? 5060;
  return { udp: udp ?? plain, tcp: tcp ?? plain, tls: tls ?? tlsPort ?? 5061 };
}

function fieldsOf(contact: string): Map<string, string> {
  const fields = [...contact.matchAll(/^\s*([\w-]+): (.*)$/gm)];
  return new Map(fields.map(([, name, value]) => [name ?? '', value ?? '']));
}

/** kamcmd prints an empty value as '[not set]'. */
function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === '[not set]' ? undefined : value;
}

function readBindings(text: string): Binding[] {
  const [, ...contacts] = text.split(/^\s*Contact: \{$/m);
  return contacts.map((contact) => {
    const fields = fieldsOf(contact);
    return {
      contact: fields.get('Address') ?? '',
      expires: Number(fields.get('Expires')),
      callId: fields.get('Call-ID') ?? '',
      received: present(fields.get('Received')),
      userAgent: present(fields.get('User-Agent')),
      socket: present(fields.get('Socket')),
    };
  });
}

/** kamcmd ends with code 0 even when Kamailio has answered with an error. */
async function askControl(controlSocket: string, command: string[]): Promise<string> {
  const answer = await runOrThrow(['kamcmd', '-s', `unix:${controlSocket}`, ...command]);
  if (answer.startsWith('error:')) throw new Error(`kamcmd ${command.join(' ')}: ${answer.trim()}`);
  return answer;
}

/** Starts Kamailio and waits until it answers on its control socket. Throws Error with its log when it does not. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  const ports = await choosePorts(options);
  const folder = temporaryFolder('kamailio');
  const places = { ports, controlSocket: join(folder.path, 'ctl'), tlsConfig: join(folder.path, 'tls.cfg') };
  const configFile = join(folder.path, 'kamailio.cfg');
  const rpc = (command: string[]) => askControl(places.controlSocket, command);
  try {
    writeFileSync(configFile, kamailioConfig(options, places));
    if (options.tls !== undefined) writeFileSync(places.tlsConfig, kamailioTlsConfig(options.tls));
    const server = await startServer({
      name: 'Kamailio',
      // 48 MiB shared and 8 MiB private memory are ample for a test; '-DD' keeps it in the foreground.
      command: ['kamailio', '-DD', '-E', '-m', '48', '-M', '8', '-w', folder.path, '-Y', folder.path, '-f', configFile],
      namespace: options.namespace,
      folder: folder.path,
      ready: async () => (await rpc(['core.uptime'])).includes('uptime'),
    });
    return {
      ...server,
      address: options.address,
      udpPort: ports.udp,
      tcpPort: ports.tcp,
      tlsPort: ports.tls,
      rpc,
      bindings: async (aor) => {
        const answer = await rpc(['ul.lookup', 'location', aor]).catch((error: unknown) => {
          if (/AOR not found|table not found/.test(String(error))) return '';
          throw error;
        });
        return readBindings(answer);
      },
      stop: async () => {
        await server.stop();
        await folder.stop();
      },
    };
  } catch (error) {
    await folder.stop();
    throw error;
  }
}
