import { WireError } from './wire-error.ts';

/** Exports of one policy branch have some kilobytes; a whole hive has hundreds of megabytes and is not what is asked for. */
const MAX_OCTETS = 16_777_216;
const MAX_VALUES = 100_000;
const MAX_LINE = 1_048_576;

/** One value of the Windows registry. */
export interface RegistryValue {
  /** Full path with the hive's long name ('HKEY_LOCAL_MACHINE\…'), spelt as in the file. */
  key: string;
  /** Empty for the default value of the key. */
  name: string;
  /** A number for DWORD and QWORD (below 2^53), text for strings; others as the file spells them. */
  data: number | string;
}

const HIVES: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
  HKU: 'HKEY_USERS',
  HKCR: 'HKEY_CLASSES_ROOT',
  HKCC: 'HKEY_CURRENT_CONFIG',
};

const longKey = (key: string): string => key.replace(/^[^\\]+/, (hive) => HIVES[hive.toUpperCase()] ?? hive);

/** Regedit writes UTF-16LE with a mark; other programs UTF-8, with or without one. */
function decodeText(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder().decode(bytes.subarray(3));
  // UTF-16LE without a mark, as PowerShell pipes leave it: every second octet of ASCII text is zero.
  return new TextDecoder(second === 0 ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** Lines with those that end in a backslash (binary data) joined to the next. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.length > MAX_LINE) throw new WireError('too-large', `a line of ${line.length} characters`);
    const continued = line.endsWith('\\') && /^("|@|\s)/.test(line) && /=hex|^\s/.test(line);
    open.push(continued ? line.slice(0, -1) : line);
    if (continued) continue;
    lines.push(open.length === 1 ? line : open.map((part, at) => (at === 0 ? part : part.trimStart())).join(''));
    open = [];
  }
  return open.length === 0 ? lines : [...lines, open.join('')];
}

const unescape = (text: string): string => text.replaceAll(/\\(["\\])/g, '$1');

/** hex(b): QWORD in eight octets, lowest first. */
function quadWord(list: string): number | string {
  const octets = list.split(',').map((octet) => Number.parseInt(octet, 16));
  const value = octets.reduceRight((sum, octet) => sum * 256 + octet, 0);
  return octets.length === 8 && Number.isSafeInteger(value) ? value : `hex(b):${list}`;
}

function exportData(text: string): number | string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  if (quoted !== undefined) return unescape(quoted);
  const word = /^dword:([0-9a-f]{1,8})$/i.exec(text)?.[1];
  if (word !== undefined) return Number.parseInt(word, 16);
  const quad = /^hex\(b\):([0-9a-f]{2}(?:,[0-9a-f]{2})*)$/i.exec(text)?.[1];
  if (quad !== undefined) return quadWord(quad);
  // '-' deletes the value: it is then not set.
  return text === '-' ? undefined : text;
}

function readExport(lines: readonly string[]): RegistryValue[] {
  const values: RegistryValue[] = [];
  let key: string | undefined;
  for (const line of lines) {
    const trimmed = line.trim();
    const section = /^\[(-?)([^\]]+)\]$/.exec(trimmed);
    if (section !== null) key = section[1] === '-' ? undefined : longKey(section[2] ?? '');
    const [, name, text = ''] = /^(@|"(?:[^"\\]|\\.)*")\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (key === undefined || name === undefined) continue;
    if (values.length === MAX_VALUES) throw new WireError('too-many', `more than ${MAX_VALUES} values`);
    const data = exportData(text);
    if (data !== undefined) values.push({ key, name: name === '@' ? '' : unescape(name.slice(1, -1)), data });
  }
  return values;
}

function queryData(type: string, text: string): number | string {
  const number = /^0x([0-9a-f]{1,13})$/i.exec(text)?.[1];
  const isNumber = (type === 'REG_DWORD' || type === 'REG_QWORD') && number !== undefined;
  return isNumber ? Number.parseInt(number, 16) : text;
}

/** What `reg query` prints: a line with the key, then lines of four blanks, name, type and data. */
function readQuery(lines: readonly string[]): RegistryValue[] {
  const values: RegistryValue[] = [];
  let key: string | undefined;
  for (const line of lines) {
    if (/^HKEY_[A-Z_]{1,40}(\\|$)/i.test(line)) key = longKey(line.trim());
    const [name = '', type = '', ...rest] = line.trim().split('    ');
    if (key === undefined || !line.startsWith(' ') || !/^REG_[A-Z_]{1,40}$/.test(type)) continue;
    if (values.length === MAX_VALUES) throw new WireError('too-many', `more than ${MAX_VALUES} values`);
    values.push({ key, name: name === '(Default)' ? '' : name, data: queryData(type, rest.join('    ')) });
  }
  return values;
}

/**
 * Reads a registry export (.reg, version 4 or 5; UTF-16 or UTF-8) or the output of `reg query`. Throws WireError 'too-large',
 * 'too-many', or 'format' when it is neither.
 */
export function readRegistryFile(bytes: Uint8Array): RegistryValue[] {
  if (bytes.length > MAX_OCTETS) throw new WireError('too-large', `${bytes.length} octets, more than ${MAX_OCTETS}`);
  const lines = logicalLines(decodeText(bytes));
  const head = lines.find((line) => line.trim() !== '')?.trim() ?? '';
  if (/^(Windows Registry Editor Version 5\.00|REGEDIT4)$/i.test(head)) return readExport(lines);
  if (/^HKEY_[A-Z_]+(\\|$)/i.test(head)) return readQuery(lines);
  throw new WireError('format', 'it is neither a registry export nor the output of reg query');
}

/** The value of that name under keys that the pattern accepts; names are compared without regard to case, as Windows does. */
export function findRegistryValue(
  values: readonly RegistryValue[],
  name: string,
  keys: RegExp,
): RegistryValue | undefined {
  return values.find((value) => value.name.toLowerCase() === name.toLowerCase() && keys.test(value.key));
}
