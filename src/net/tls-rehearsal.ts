import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { contextOf, optionsOf } from './tls.ts';

/** Nobody owns it (RFC 2606 section 2), and it goes nowhere. */
const NAME = 'sip.invalid';

/**
 * Goes once through the start of a handshake that leads nowhere: what Node loads and compiles for the first one takes longer than
 * all the rest of it. For the time in which the network is silent.
 */
export async function rehearseTls(): Promise<void> {
  const { connect } = await import('node:tls');
  const nowhere = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const settings = { serverName: NAME };
  const socket = connect({ ...contextOf(settings), ...optionsOf(settings), socket: nowhere });
  socket.on('error', () => undefined);
  socket.destroy();
  nowhere.destroy();
  // Node tests each server name with an expression that is compiled in two steps: this was the first.
  isIP(NAME);
}
