import { expect, test } from 'vitest';
import { NetError } from '../../src/net/net-error.ts';
import { explainHandshakeError } from '../../src/net/tls-error.ts';

const WHAT = 'TLS handshake with 192.0.2.1:5061';
const record = { serverFlight: new Uint8Array(Buffer.from('SIP')), keyLog: [] };

test.each([
  [new NetError('closed', `${WHAT}: the peer closed the connection`), 'the peer closed the connection'],
  [new NetError('reset', '192.0.2.1:5061: connection reset'), '192.0.2.1:5061: connection reset'],
])('an answer that is not TLS is told with what ended it, in full', (ended, said) => {
  const { code, message } = explainHandshakeError(ended, WHAT, record);
  expect([code, message]).toEqual(['not-tls', `${WHAT}: the answer is not TLS (3 octets, ${said})`]);
});
