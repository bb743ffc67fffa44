import { parseAnswer, parseAsk } from '../../src/wire/agent-messages.ts';
import {
  createLineReader,
  formatLine,
  isProven,
  MAX_ANSWER_OCTETS,
  proofOf,
  type AgentAnswer,
  type AgentAsk,
} from '../../src/wire/agent-protocol.ts';
import { inPieces, orRefused, type FuzzedParser } from './fuzzed-parser.ts';

const HEX = '00112233445566778899aabbccddeeff';
const TOKEN = 'token';

const ask: AgentAsk = {
  type: 'ask',
  version: 1,
  waitMs: 3000,
  ports: [
    { transport: 'tcp', port: 7100, nonce: HEX },
    { transport: 'udp', port: 5350, nonce: HEX },
  ],
  mirror: 'asked',
};

const answers: AgentAnswer[] = [
  { type: 'hello', versions: [1], challenge: HEX, token: 'required', ports: 16 },
  {
    type: 'accepted',
    software: 'sipdiag/0.1.0',
    address: '192.0.2.1',
    port: 40_000,
    session: HEX,
    mirror: [{ transport: 'udp', port: 5060, way: 'sip-port' }],
  },
  { type: 'result', transport: 'tcp', port: 7100, result: 'open-and-echoed', detail: '' },
  { type: 'mirrored', transport: 'udp', port: 5060, message: 'T1BUSU9OUw==' },
  { type: 'done' },
  { type: 'error', code: 'token', detail: 'wrong token', versions: [1] },
];

/** What `sipdiag agent` and those who ask it read of each other. */
export const agentParser: FuzzedParser = {
  seeds: () => [
    formatLine({ ...ask, proof: proofOf(TOKEN, HEX, ask) }),
    ...answers.map(formatLine),
    Buffer.concat(answers.map(formatLine)),
  ],
  tokens: ['\n', '"', ',', '{', '}', '[', ']', ':', 'null', '1e999', '-1', '__proto__', '\\u0000', '\xff', HEX],
  read(bytes, pieces) {
    const lines: string[] = [];
    orRefused(() => {
      const reader = createLineReader(MAX_ANSWER_OCTETS);
      inPieces(bytes, pieces, (piece) => void lines.push(...reader.push(piece)));
    });
    for (const line of lines) {
      orRefused(() => parseAnswer(line));
      const asked = orRefused(() => parseAsk(line));
      if (asked !== undefined) isProven(TOKEN, HEX, asked);
    }
  },
};
