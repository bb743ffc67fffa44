/** Small SIP servers of our own for what a real one cannot be brought to do. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Stoppable } from './real/clean-up.ts';

export interface SmallServer extends Stoppable {
  port: number;
}

async function listenOn(server: Server, address: string): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    port: bound.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

const header = (request: string, name: string): string =>
  new RegExp(`^${name}: .*$`, 'im').exec(request)?.[0] ?? `${name}: `;

/** 200 for OPTIONS, 401 for anything else (RFC 3261 sections 11.2 and 10.3). */
function answerTo(request: string): string {
  const first = request.startsWith('OPTIONS ')
    ? ['SIP/2.0 200 OK']
    : ['SIP/2.0 401 Unauthorized', 'WWW-Authenticate: Digest realm="example.org", nonce="6e6f6e6365", qop="auth"'];
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) =>
    name === 'To' ? `${header(request, name)};tag=small` : header(request, name),
  );
  return [...first, ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}

/** Answers whole requests; what does not begin like SIP is left without an answer. */
function answerSip(socket: Socket): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const request = text.slice(0, end);
      text = text.slice(end + 4);
      if (/ SIP\/2\.0\r\n/.test(request)) socket.write(answerTo(request));
    }
  });
}

/** SIP over TLS. Node sends the chain as it stands in `cert`, whole or not. */
export const startTlsSip = (address: string, options: TlsOptions): Promise<SmallServer> =>
  listenOn(createTlsServer(options).on('secureConnection', answerSip), address);

/** SIP in clear; a ClientHello gets no answer. */
export const startClearSip = (address: string): Promise<SmallServer> => listenOn(createServer(answerSip), address);

/** Accepts and says nothing. */
const startSilent = (address: string): Promise<SmallServer> =>
  listenOn(
    createServer((socket) => void socket.resume()),
    address,
  );

/** Closes the connection on the first octets that come. */
const startClosing = (address: string): Promise<SmallServer> =>
  listenOn(
    createServer((socket) => void socket.once('data', () => socket.end())),
    address,
  );

/** What may listen on a port of TLS and speak none. */
export const NOT_TLS_SERVERS = { clear: startClearSip, silent: startSilent, closing: startClosing } as const;
