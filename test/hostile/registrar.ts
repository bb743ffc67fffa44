/** A registrar that does with a password what it is told. */
import { answer } from '../e2e/sip-scripts.ts';
import type { DatagramBehaviour, StreamBehaviour } from './hostile-server.ts';

/** Where another endpoint of the same user is signed in. */
export const ELSEWHERE = 'sip:alice@192.0.2.99:5070';

/** A request with credentials. */
export interface Asked {
  text: string;
  /** With credentials, from 1 on: those that register, and those that take the Contact back, each for itself. */
  nth: number;
}

/** What can be done about it. */
export interface Hand {
  reply(status: string, ...headers: string[]): void;
  send(octets: Uint8Array | string): void;
  /** Carries the request out, and gives the Contacts that are registered then. */
  bind(): string[];
  end(): void;
  reset(): void;
}

type Act = (hand: Hand, asked: Asked) => void;

export interface Script {
  /** Absent: a challenge. */
  first?: Act;
  /** A REGISTER with credentials. */
  register?: Act;
  /** The one that takes the Contact back. Absent: it is carried out, and answered 200. */
  leave?: Act;
}

export interface Registrar {
  onStream: StreamBehaviour;
  onDatagram: DatagramBehaviour;
  /** Every REGISTER. */
  registers: string[];
  /** Different ones with credentials: over UDP each may come several times. */
  passwords(): number;
  bindings: Set<string>;
}

export const challenge = (nonce: string | number, more = ''): string =>
  `WWW-Authenticate: Digest realm="fuzzybunny.local", nonce="${nonce}", qop="auth"${more}`;

const accept: Act = (hand) => hand.reply('200 OK', ...hand.bind());

const contactIn = (text: string): string => /^Contact: <([^>]*)>/im.exec(text)?.[1] ?? '';
const isLeaving = (text: string): boolean => /^Expires: 0\r?$/im.test(text);
const hasCredentials = (text: string): boolean => /^(?:Proxy-)?Authorization:/im.test(text);

type Way = Pick<Hand, 'send' | 'end' | 'reset'>;

export function createRegistrar({ first, register = accept, leave = accept }: Script): Registrar {
  const registers: string[] = [];
  const bindings = new Set([ELSEWHERE]);
  const counts = { register: 0, leave: 0 };
  const bind = (text: string): string[] => {
    const contact = contactIn(text);
    if (/^Contact: \*/im.test(text)) bindings.clear();
    else if (isLeaving(text)) bindings.delete(contact);
    else if (contact !== '') bindings.add(contact);
    return [...bindings].map((one) => `Contact: <${one}>;expires=60`);
  };
  const take = (text: string, way: Way): void => {
    const reply = (status: string, ...headers: string[]): void => way.send(answer(text, status, headers));
    if (!text.startsWith('REGISTER ')) return void (text.startsWith('OPTIONS ') && reply('200 OK'));
    registers.push(text);
    const hand: Hand = { ...way, reply, bind: () => bind(text) };
    if (!hasCredentials(text)) {
      if (first === undefined) reply('401 Unauthorized', challenge(`n${registers.length}`));
      else first(hand, { text, nth: registers.length });
      return;
    }
    const kind = isLeaving(text) ? 'leave' : 'register';
    counts[kind] += 1;
    (kind === 'leave' ? leave : register)(hand, { text, nth: counts[kind] });
  };
  return {
    registers,
    bindings,
    passwords: () => new Set(registers.filter(hasCredentials)).size,
    onStream(socket, under) {
      let held = '';
      socket.on('data', (bytes: Buffer) => {
        held += bytes.toString('latin1');
        for (let end = held.indexOf('\r\n\r\n'); end >= 0; end = held.indexOf('\r\n\r\n')) {
          const text = held.slice(0, end + 2);
          held = held.slice(end + 4);
          const send = (octets: Uint8Array | string): void => void (socket.writable && socket.write(octets));
          take(text, { send, end: () => void socket.end(), reset: () => void under.resetAndDestroy() });
        }
      });
    },
    onDatagram(datagram, send) {
      const nothing = (): void => undefined;
      take(datagram.toString('latin1'), { send: (octets) => send(Buffer.from(octets)), end: nothing, reset: nothing });
    },
  };
}
