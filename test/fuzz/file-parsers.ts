import { readFileSync } from 'node:fs';
import { readJobs } from '../../src/cli/batch/read-jobs.ts';
import { readLines } from '../../src/cli/batch/read-lines.ts';
import { judgeAgain } from '../../src/cli/judge.ts';
import { parseRun } from '../../src/cli/saved-run.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { renderHuman } from '../../src/report/human.ts';
import { renderJson } from '../../src/report/json.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { readPortRangePolicy } from '../../src/wire/port-range-policy.ts';
import { readRegistryFile } from '../../src/wire/reg-file.ts';
import { inPieces, orRefused, type FuzzedParser } from './fuzzed-parser.ts';

const KEY = String.raw`HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Windows\RTC\PortRange`;
const EXPORT = `Windows Registry Editor Version 5.00\r\n\r\n[${KEY}]\r\n"MinSipDynamicPort"=dword:00001bbc\r\n"MaxSipDynamicPort"=dword:00001bbf\r\n"Long"=hex:01,02,\\\r\n  03,04\r\n"Quad"=hex(b):10,27,00,00,00,00,00,00\r\n@="a\\"b"\r\n`;
const QUERY = `\r\n${KEY}\r\n    MinSipDynamicPort    REG_DWORD    0x1bbc\r\n    (Default)    REG_SZ    x y\r\n`;

export const registryParser: FuzzedParser = {
  seeds: () => [
    Buffer.from(EXPORT),
    Buffer.from(`\uFEFF${EXPORT}`, 'utf16le'),
    Buffer.from(QUERY),
    Buffer.from('REGEDIT4\n'),
  ],
  tokens: [
    '\r\n',
    '\n',
    '\r\0\n\0',
    '"',
    '\\',
    '[',
    ']',
    '=',
    'dword:',
    'hex(b):',
    'REG_DWORD',
    ',',
    '\\\r\n',
    '\0',
    '\xff\xfe',
  ],
  read(bytes) {
    orRefused(() => readRegistryFile(bytes));
    orRefused(() => readPortRangePolicy(bytes));
  },
};

/** A run of the lab that the tapes hold, as --save writes it. */
function savedRuns(): Uint8Array[] {
  return ['doctor-lab-healthy', 'doctor-lab-cert-expired'].map((name) => {
    const report: object = JSON.parse(
      readFileSync(new URL(`../../fixtures/tapes/${name}.report.json`, import.meta.url), 'utf8'),
    );
    return Buffer.from(JSON.stringify({ ...report, schema: 'sipdiag.run/1' }, null, 1));
  });
}

/** Judges and draws; an octet that was changed makes another file of JSON, so that what stands deep inside is reached. */
function judgeText(text: string): void {
  try {
    const report = judgeAgain('run.json', parseRun('run.json', text));
    renderHuman(report, { paint: plainPaint, verbosity: 'verbose', width: 100 });
    renderJson(report);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

export const savedRunParser: FuzzedParser = {
  seeds: savedRuns,
  tokens: [
    'null',
    '{}',
    '[]',
    '""',
    '-1',
    '1e999',
    'true',
    ',',
    ':',
    '"',
    '\\u0000',
    '\\ud800',
    '"ok":true',
    '"kind":"dns"',
  ],
  // Judging verifies every signature of the chains again and draws the whole report.
  limitMs: 500,
  read: (bytes) => judgeText(Buffer.from(bytes).toString('utf8')),
};

const LISTS = [
  'fuzzybunny.local\n# a remark\nsip:toml@fuzzybunny.local;transport=tls\r\n192.0.2.1:5061\n',
  'target,transport,"server"\nfuzzybunny.local,"tcp,tls",192.0.2.1\n"a""b",,\n',
  '{"target":"fuzzybunny.local","transport":"tls","quiet":true,"resolver":["192.0.2.1"]}\n{"target":1}\n',
];

async function* chunksOf(bytes: Uint8Array, pieces: number): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  inPieces(bytes, pieces, (piece) => void chunks.push(piece));
  yield* chunks;
}

export const batchParser: FuzzedParser = {
  seeds: () => LISTS.map((text) => Buffer.from(text)),
  tokens: [
    '\n',
    '\r\n',
    ',',
    '"',
    '""',
    '{',
    '}',
    '[',
    ':',
    'target',
    '#',
    '\uFEFF',
    '\0',
    '\xc3',
    '__proto__',
    'null',
  ],
  async read(bytes, pieces) {
    for await (const job of readJobs(readLines(chunksOf(bytes, pieces), 4096))) if ('error' in job) job.error.slice(0);
  },
};
