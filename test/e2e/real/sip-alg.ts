/**
 * A SIP ALG for a router: what is redirected to it goes on to the server, with the client's address replaced by the router's
 * in the headers and in the SDP, as such helpers do. Bundled and run in the router's namespace.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

/** The one argument, as JSON. */
export interface AlgPlan {
  /** Where the router redirects to. */
  port: number;
  server: { address: string; port: number };
  /** The client's address, and what it is replaced by. */
  from: string;
  to: string;
}

function relay({ port, server, from, to }: AlgPlan): void {
  const rewrite = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
  const [inside, outside] = [createSocket('udp4'), createSocket('udp4')];
  inside.on('message', (bytes) => outside.send(rewrite(bytes), server.port, server.address));
  inside.bind(port);
  const tcp = createServer((client) => {
    const onward = connect({ host: server.address, port: server.port });
    for (const socket of [client, onward]) socket.on('error', () => socket.destroy());
    client.on('data', (bytes) => onward.write(rewrite(bytes))).on('end', () => onward.end());
    onward.on('data', (bytes) => client.write(bytes)).on('end', () => client.end());
  });
  tcp.listen(port, () => process.stdout.write('ready\n'));
}

relay(JSON.parse(process.argv[2] ?? '') as AlgPlan); // written by whoever starts it
