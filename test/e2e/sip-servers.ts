/** Small servers of our own for what a real one cannot be brought to do. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Stoppable } from './real/clean-up.ts';
import { challenging, type Behaviour } from './sip-scripts.ts';

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

/** Answers whole requests as the script says. */
function serve(socket: Socket, behaviour: Behaviour): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const said = behaviour(text.slice(0, end));
      text = text.slice(end + 4);
      if (said === null) socket.end();
      else if (said !== undefined && socket.writable) socket.write(said);
    }
  });
}

/** SIP over TCP; keeps what it was sent. */
export async function startScripted(
  address: string,
  behaviour: Behaviour,
): Promise<SmallServer & { requests: string[] }> {
  const requests: string[] = [];
  const noted: Behaviour = (request) => {
    requests.push(request);
    return behaviour(request);
  };
  const server = createServer((socket) => serve(socket, noted));
  return { ...(await listenOn(server, address)), requests };
}

/** SIP over TLS. Node sends the chain as it stands in `cert`, whole or not. */
export const startTlsSip = (address: string, options: TlsOptions): Promise<SmallServer> =>
  listenOn(
    createTlsServer(options).on('secureConnection', (socket) => serve(socket, challenging)),
    address,
  );

/** SIP in clear; a ClientHello gets no answer. */
export const startClearSip = (address: string): Promise<SmallServer> => startScripted(address, challenging);

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
