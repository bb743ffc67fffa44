import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** One room of the house: what it may import, and why no more than that. */
interface Room {
  /** The room's own files, as a pattern on the path below src/. */
  files: RegExp;
  may: RegExp[];
  packages: RegExp[];
  because: string;
}

const MODEL = /^model(\.ts|\/)/;
const TYPES = /^world\.ts$|^model(\.ts|\/)/;
const WIRE = /^wire\//;
const PKI = /^pki\//;
const PROFILES = /^profiles(\.ts|\/)/;

const ROOMS: Room[] = [
  {
    files: TYPES,
    may: [MODEL],
    packages: [],
    because: 'everyone imports the types, so they import nothing but one another',
  },
  {
    files: WIRE,
    may: [WIRE, /^pki\/ip-address\.ts$/, TYPES],
    packages: [/^node:(crypto|zlib)$/, /^dns-packet$/, /^@mongodb-js\/saslprep$/],
    because: 'codecs never touch a socket, a clock or randomness',
  },
  {
    files: PKI,
    may: [PKI, /^wire\/wire-error\.ts$/, TYPES],
    packages: [/^node:crypto$/, /^node-forge$/],
    because:
      'certificates are read and judged without I/O; the one thing shared with wire/ is how bad bytes are reported',
  },
  {
    files: /^net\//,
    may: [/^net\//, /^world\.ts$/],
    packages: [/^node:(net|tls|dgram|dns|dns\/promises|fs|fs\/promises|http|http2|https|crypto|stream|events|timers)$/],
    because: 'transports move bytes and do not know what they mean',
  },
  { files: PROFILES, may: [MODEL, PROFILES], packages: [], because: 'profiles are data' },
  {
    files: /^probe\//,
    may: [/^probe\//, WIRE, PKI, PROFILES, TYPES],
    packages: [],
    because: 'a probe is handed a World and never opens a socket itself',
  },
  {
    files: /^check\//,
    may: [/^check\//, WIRE, PKI, PROFILES, MODEL],
    packages: [],
    because: 'a check is pure: no I/O, no clock, no World',
  },
  { files: /^judge\.ts$/, may: [/^check\//, MODEL], packages: [], because: 'judging needs observations only' },
  {
    files: /^run\.ts$/,
    may: [/^probe\//, /^check\//, /^judge\.ts$/, PROFILES, TYPES],
    packages: [],
    because: 'the story of a run joins seeing and judging, and knows no network and no terminal',
  },
  {
    files: /^report\//,
    may: [/^report\//, MODEL],
    packages: [/^chalk$/],
    because: 'reporters see the Report and nothing else',
  },
  {
    files: /^(agent|lab)\//,
    may: [/^agent\//, /^lab\//, WIRE, PKI, /^net\//, TYPES],
    packages: [/^node:/, /^node-forge$/],
    because: 'servers stand beside the ladder; nothing below knows them',
  },
  { files: /^cli\//, may: [/./], packages: [/./], because: 'the roof may see everything' },
];

const src = resolve(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Every module that a file names, type-only imports and dynamic ones included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The sentence that names a forbidden import, or undefined. */
function refusal(room: Room, file: string, specifier: string): string | undefined {
  const outside = `${file} imports ${specifier}, but ${room.because}`;
  if (!specifier.startsWith('.')) return room.packages.some((one) => one.test(specifier)) ? undefined : outside;
  const target = relative(src, resolve(dirname(join(src, file)), specifier));
  return room.may.some((one) => one.test(target)) ? undefined : outside;
}

describe('the floors of the house', () => {
  test('there are files to guard, and every room has some', () => {
    expect(files.length).toBeGreaterThan(40);
    const empty = ROOMS.filter(({ files: pattern }) => !files.some((file) => pattern.test(file)));
    expect(empty).toEqual([]);
  });

  test.each(files)('%s imports only what its room may', (file) => {
    const room = ROOMS.find(({ files: pattern }) => pattern.test(file));
    expect(room, `${file} belongs to no room of the house`).toBeDefined();
    const refused = room === undefined ? [] : importsOf(file).map((one) => refusal(room, file, one));
    expect(refused.filter((one) => one !== undefined)).toEqual([]);
  });

  test.each([
    ['report/html.ts', 'node:net', 'reporters see the Report and nothing else'],
    ['report/html.ts', '../check/registry.ts', 'reporters see the Report and nothing else'],
    ['check/cert-name.ts', '../world.ts', 'a check is pure'],
    ['probe/probe-server.ts', '../net/tcp.ts', 'a probe is handed a World'],
    ['wire/sip-message.ts', 'node:dns', 'codecs never touch a socket'],
    ['model.ts', './world.ts', 'they import nothing'],
  ])('%s may not import %s', (file, specifier, because) => {
    const room = ROOMS.find(({ files: pattern }) => pattern.test(file));
    expect(room && refusal(room, file, specifier)).toContain(because);
  });
});

describe('what only the outer rooms may do', () => {
  const inner = files.filter((file) => !/^(cli|net|lab|agent)\//.test(file));

  test.each(inner)('%s reads no clock, no randomness and no process', (file) => {
    const text = readFileSync(join(src, file), 'utf8');
    expect(text).not.toMatch(/\bDate\.now\(|\bMath\.random\(|\bperformance\.now\(|\bprocess\.|\bnew Date\(\)/);
  });

  // Touching the streams of the process loads the modules of sockets and terminals, and each needs an ear for its errors.
  test.each(files.filter((file) => file !== 'cli/output.ts'))('%s prints by cli/output.ts, if at all', (file) => {
    expect(readFileSync(join(src, file), 'utf8')).not.toMatch(/\bprocess\.(stdout|stderr)\b/);
  });

  test.each(files)('%s ends no process by itself', (file) => {
    expect(readFileSync(join(src, file), 'utf8')).not.toMatch(/process\.exit\(/);
  });

  // What a run leaves behind in a module, the next run in the same process would find.
  const STATE = /^(?:export )?let |^(?:export )?const \w+[^=\n]* = new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\);$/m;

  test.each(files)('%s keeps no state of its own', (file) => {
    expect(readFileSync(join(src, file), 'utf8')).not.toMatch(STATE);
  });
});
