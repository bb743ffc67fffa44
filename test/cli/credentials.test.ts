import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { readCredentials, refusePasswordIn } from '../../src/cli/credentials.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-credentials-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

function fileWith(text: string): string {
  const file = join(folder, 'password');
  writeFileSync(file, text);
  return file;
}

describe('a password', () => {
  test.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' with blanks ', ' with blanks '],
    ['pässwörd', 'pässwörd'],
  ])('in a file (%j) is %j', async (text, password) => {
    const { credentials } = await readCredentials({ user: 'alice' }, { passwordFile: fileWith(text) }, 'left-out');
    expect(credentials?.password()).toBe(password);
  });

  test.each(['', '\n', 'two\nlines', 'x'.repeat(2000)])('in a file that holds %j is refused', async (text) => {
    const reading = readCredentials({ user: 'alice' }, { passwordFile: fileWith(text) }, 'left-out');
    await expect(reading).rejects.toThrow(UsageError);
    await expect(reading).rejects.not.toThrow(/two|xxx/);
  });

  test('comes from the environment where no file is named', async () => {
    vi.stubEnv('SIPDIAG_PASSWORD', 'from-env');
    const { credentials } = await readCredentials({ user: 'alice' }, {}, 'left-out');
    expect(credentials?.password()).toBe('from-env');
  });

  test('is in nothing that can be written down', async () => {
    const options = { passwordFile: fileWith('secret') };
    expect(JSON.stringify(await readCredentials({ user: 'alice' }, options, 'left-out'))).not.toContain('secret');
  });

  test('that is nowhere leaves the run without credentials', async () => {
    vi.stubEnv('SIPDIAG_PASSWORD', '');
    expect(await readCredentials({ user: 'alice' }, {}, 'left-out')).toEqual({ accountGiven: 'address' });
  });

  test('without anybody it could belong to is refused', async () => {
    const reading = readCredentials({}, { passwordFile: fileWith('x') }, 'left-out');
    await expect(reading).rejects.toThrow('expected sip:user@domain, or --user NAME');
  });

  test('belongs to --auth-user where that is given', async () => {
    const options = { authUser: String.raw`FUZZY\alice`, passwordFile: fileWith('x') };
    const { credentials, accountGiven } = await readCredentials({ user: 'alice' }, options, 'left-out');
    expect([credentials?.account, accountGiven]).toEqual([String.raw`FUZZY\alice`, 'account']);
  });

  test('goes to an unverified server only when the user says so', async () => {
    const passwordFile = fileWith('x');
    const modes = await Promise.all(
      [{ passwordFile }, { passwordFile, insecureCredentials: true }].map((options) =>
        readCredentials({ user: 'alice' }, options, 'left-out'),
      ),
    );
    expect(modes.map(({ credentials }) => credentials?.unverified)).toEqual(['refused', 'allowed']);
  });
});

describe('a password in the target', () => {
  test.each(['sip:alice:tangerine@example.org', 'sips:alice:t%20x@example.org', 'alice:tangerine@example.org'])(
    '%s is refused, and not repeated',
    (target) => {
      expect(() => refusePasswordIn(target)).toThrow('the target holds a password');
      expect(() => refusePasswordIn(target)).not.toThrow(/tangerine|t%20x/);
    },
  );

  test.each([
    'sip:alice@example.org',
    'sip:alice@example.org:5061;transport=tls',
    'sip:alice@[2001:db8::1]:5061',
    'example.org:5060',
    '[2001:db8::1]:5060',
    '2001:db8::1',
  ])('%s holds none', (target) => {
    expect(() => refusePasswordIn(target)).not.toThrow();
  });
});
