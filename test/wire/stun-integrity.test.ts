import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { saslPrepared } from '../../src/wire/saslprep.ts';
import {
  addIntegrity,
  longTermKey,
  shortTermKey,
  verifyIntegrity,
  type StunKey,
} from '../../src/wire/stun-integrity.ts';
import { addFingerprint, buildStun, parseStun, type StunContent } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE } from '../../src/wire/stun-registry.ts';
import { octetsOf, RFC5769, vectorOf, type StunVector } from './stun-vectors.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });

function keyOf({ credential }: StunVector): Promise<StunKey> {
  const { kind, username = '', password, password_raw: raw, realm = '' } = credential;
  if (kind === 'short-term') return shortTermKey(password ?? '', 'sha1');
  return longTermKey({ user: username, password: raw ?? '', realm, algorithm: 'MD5' }, 'sha1');
}

const message: StunContent = {
  class: 'request',
  method: 3,
  transactionId: '78ad3433c6ad72c029da412e',
  attributes: [{ type: STUN_ATTRIBUTE.USERNAME, value: Buffer.from('alice') }],
};
const short = (octets: string, hash: 'sha1' | 'sha256' = 'sha1'): StunKey => ({ octets: Buffer.from(octets), hash });

describe('the integrity of a message', () => {
  test.each(RFC5769)('of $id is right', async (vector) => {
    const key = await keyOf(vector);
    expect(() => verifyIntegrity(parseStun(octetsOf(vector)), key)).not.toThrow();
  });

  test.each(RFC5769)('of $id is wrong with another password', async (vector) => {
    const { credential } = vector;
    const key = await keyOf({ ...vector, credential: { ...credential, password: 'x', password_raw: 'x' } });
    expect(() => verifyIntegrity(parseStun(octetsOf(vector)), key)).toThrow(code('integrity'));
  });

  test('is wrong when any octet that it covers has changed', async () => {
    const vector = vectorOf('rfc5769-2.4-long-term');
    const key = await keyOf(vector);
    const bytes = octetsOf(vector);
    // Lengths and types of attributes decide whether it is found at all.
    const values = parseStun(bytes).attributes.flatMap(({ offset, value }) =>
      Array.from(value, (_, at) => offset + 4 + at),
    );
    for (const at of values) {
      const changed = bytes.map((octet, index) => (index === at ? octet ^ 1 : octet));
      expect(() => verifyIntegrity(parseStun(changed), key), `octet ${at}`).toThrow(code('integrity'));
    }
  });

  test('with SHA-256 and the key of RFC 8489 is right', async () => {
    const vector = vectorOf('rfc8489-B.1-corrected');
    const { username = '', realm = '', key_sha256: wanted } = vector.credential;
    const key = await longTermKey({ user: username, password: 'TheMatrIX', realm, algorithm: 'SHA-256' }, 'sha256');
    expect(Buffer.from(key.octets).toString('hex')).toBe(wanted);
    expect(() => verifyIntegrity(parseStun(octetsOf(vector)), key)).not.toThrow();
  });

  test('may be cut down to 16 octets with SHA-256, and not below', () => {
    const whole = parseStun(addIntegrity(buildStun(message), short('key', 'sha256')));
    const sealed = whole.attributes.at(-1)?.value ?? new Uint8Array();
    // The length in the header is covered, so a short value has an HMAC of its own: one that is merely cut is wrong.
    const cut = (octets: number) => {
      const attributes = [...message.attributes, { type: 0x1c, value: sealed.slice(0, octets) }];
      return () => verifyIntegrity(parseStun(buildStun({ ...message, attributes })), short('key', 'sha256'));
    };
    expect(cut(32)).not.toThrow();
    expect(cut(16)).toThrow(code('integrity'));
    expect(cut(12)).toThrow(expect.objectContaining({ message: expect.stringContaining('12 octets') as unknown }));
  });

  test('is missing, and that is said, when there is none or only one of another hash', () => {
    expect(() => verifyIntegrity(parseStun(buildStun(message)), short('key'))).toThrow(code('integrity-missing'));
    const other = parseStun(addIntegrity(buildStun(message), short('key', 'sha256')));
    expect(() => verifyIntegrity(other, short('key'))).toThrow(code('integrity-missing'));
  });

  test('is built as RFC 5769 has it', async () => {
    const vector = vectorOf('rfc5769-2.4-long-term');
    const attributes = parseStun(octetsOf(vector)).attributes.slice(0, -1);
    const { transaction_id: transactionId } = vector;
    const plain = buildStun({ class: 'request', method: 1, transactionId, attributes });
    expect(Buffer.from(addIntegrity(plain, await keyOf(vector))).toString('hex')).toBe(vector.hex);
  });

  test('holds under any key, and under no other', () => {
    const anyKey = fc.record({
      octets: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      hash: fc.constantFrom<'sha1' | 'sha256'>('sha1', 'sha256'),
    });
    fc.assert(
      fc.property(anyKey, (key) => {
        const sealed = parseStun(addFingerprint(addIntegrity(buildStun(message), key)));
        expect(() => verifyIntegrity(sealed, key)).not.toThrow();
        expect(() => verifyIntegrity(sealed, { ...key, octets: Uint8Array.of(...key.octets, 1) })).toThrow(
          code('integrity'),
        );
      }),
    );
  });
});

describe('a password', () => {
  test.each([
    ['I\u00adX', 'IX'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['user', 'user'],
    ['\u00a0', ' '],
  ])('%j is hashed as %j', async (given, prepared) => {
    expect(await saslPrepared(given)).toBe(prepared);
  });

  test.each(['\u0007', '\u0627\u0031'])('%j is forbidden', async (given) => {
    await expect(saslPrepared(given)).rejects.toThrow(code('saslprep'));
  });

  test('that is forbidden is not in the error', async () => {
    await expect(saslPrepared('secret\u0007')).rejects.toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') as unknown }),
    );
  });
});
