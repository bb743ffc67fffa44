import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkWritable, readBinaryFile, readTextFile, writeTextFile } from '../../src/cli/files.ts';
import { laterComplaintOf } from './usage.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a file that the user named', () => {
  test('is read as it is', async () => {
    writeFileSync(at('a'), Buffer.from([0, 255, 10]));
    expect([...(await readBinaryFile(at('a'), 'x', 10))]).toEqual([0, 255, 10]);
    writeFileSync(at('b'), 'grüße\n');
    expect(await readTextFile(at('b'), 'x', 100)).toBe('grüße\n');
    writeFileSync(at('empty'), '');
    expect(await readTextFile(at('empty'), 'x', 100)).toBe('');
  });

  test.each([
    ['is not there', 'nowhere', 'there is no such file'],
    ['is a directory', '.', 'it is a directory'],
    ['has a file for a folder', 'long/x', 'a part of the path is not a directory'],
    ['is too long', 'long', 'it is too long'],
  ])('is refused in one line when it %s', async (_what, name, why) => {
    writeFileSync(at('long'), 'x'.repeat(11));
    const complaint = await laterComplaintOf(readTextFile(at(name), 'a saved run', 10));
    expect(complaint).toContain(`cannot read ${at(name)}: ${why}`);
    expect(complaint).toContain('expected a saved run');
  });

  test('may have exactly the length that is allowed', async () => {
    writeFileSync(at('full'), 'x'.repeat(10));
    expect(await readTextFile(at('full'), 'x', 10)).toHaveLength(10);
  });

  test('that never ends is given up at the limit', async () => {
    const complaint = await laterComplaintOf(readBinaryFile('/dev/zero', 'a saved run', 1000));
    expect(complaint).toContain('it is too long; expected a saved run of at most 1000 octets');
  });

  test('may be a pipe', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const [text] = await Promise.all([
      readTextFile(at('pipe'), 'x', 100),
      import('node:fs/promises').then(({ writeFile }) => writeFile(at('pipe'), 'through a pipe')),
    ]);
    expect(text).toBe('through a pipe');
  });
});

describe('a file that is written', () => {
  test('is there as a whole, and nothing else is', async () => {
    await writeTextFile(at('report'), 'text');
    expect(readFileSync(at('report'), 'utf8')).toBe('text');
    expect(readdirSync(folder)).toEqual(['report']);
  });

  test('takes the place of the old one, whose rights stay', async () => {
    writeFileSync(at('report'), 'old and longer');
    chmodSync(at('report'), 0o600);
    await writeTextFile(at('report'), 'new');
    expect(readFileSync(at('report'), 'utf8')).toBe('new');
    expect(statSync(at('report')).mode & 0o777).toBe(0o600);
  });

  test('does not change under a reader that has the old one open', async () => {
    const { open } = await import('node:fs/promises');
    writeFileSync(at('report'), 'old');
    const reader = await open(at('report'));
    await writeTextFile(at('report'), 'new');
    expect(await reader.readFile('utf8')).toBe('old');
    await reader.close();
  });

  test('goes where a link leads, and the link stays', async () => {
    mkdirSync(at('real'));
    writeFileSync(at('real/report'), 'old');
    symlinkSync(at('real/report'), at('link'));
    await writeTextFile(at('link'), 'new');
    expect(readFileSync(at('real/report'), 'utf8')).toBe('new');
    expect(
      readdirSync(folder, { withFileTypes: true })
        .find(({ name }) => name === 'link')
        ?.isSymbolicLink(),
    ).toBe(true);
  });

  test('may be a device, which is written to and not replaced', async () => {
    await writeTextFile('/dev/null', 'text');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.each(['report', 'held', '/dev/null'])(
    'is not touched when it is only looked at beforehand: %s',
    async (name) => {
      writeFileSync(at('held'), 'old');
      await checkWritable(name.startsWith('/') ? name : at(name));
      expect(readFileSync(at('held'), 'utf8')).toBe('old');
      expect(readdirSync(folder)).toEqual(['held']);
    },
  );

  test.each([
    ['no folder', 'nowhere/report', 'the folder FOLDER/nowhere does not exist; expected a file in a folder that does'],
    ['a folder in its place', 'taken', 'it is a directory'],
  ])('is refused in one line where there is %s, and leaves nothing behind', async (_what, name, why) => {
    mkdirSync(at('taken'));
    const complaint = `cannot write ${at(name)}: ${why.replace('FOLDER', folder)}`;
    expect(await laterComplaintOf(writeTextFile(at(name), 'text'))).toBe(complaint);
    expect(await laterComplaintOf(checkWritable(at(name)))).toBe(complaint);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
