import { beforeEach, describe, expect, test, vi } from 'vitest';
import { findingFacts, type FindingFacts } from '../../src/check/finding-facts.ts';
import { CHECKS } from '../../src/check/registry.ts';
import { explainCommand } from '../../src/cli/explain.ts';

let printed = '';
vi.mock('../../src/cli/output.ts', () => ({
  writeOut: (text: string) => {
    printed += text;
  },
}));
beforeEach(() => {
  printed = '';
});

describe('sipdiag explain', () => {
  test('lists every finding of every check on one line, with severity', () => {
    expect(explainCommand([], {})).toBe(0);
    const ids = CHECKS.flatMap(({ id, caseNames }) => caseNames.map((name) => `${id}.${name}`));
    const lines = printed.split('\n').filter((line) => line.startsWith('  '));
    expect(new Set(lines.map((line) => line.trim().split(' ')[0]))).toEqual(new Set(ids));
    expect(lines).toHaveLength(ids.length);
    expect(lines.filter((line) => !/^ {2}\S+ +(info|warning|error)(, or less)? +\S/.test(line))).toEqual([]);
  });

  test('tells of one finding what it means, the question, the usual causes, what to do and the source', () => {
    explainCommand(['tcp-reach.refused'], {});
    expect(printed).toBe(`tcp-reach.refused (connect, error, or less)
  The machine answers, but nothing listens on that TCP port.
  Question: Can a TCP connection be opened to every server that clients are sent to?
  Seen in:  TCP connections; answers to OPTIONS and REGISTER (to weigh it); where a client of the
            profile would connect (to weigh it)
  Severity: error; warning while another server of the same set works; info for a default port that
            DNS does not publish, while another way works
  Usual causes:
  - the SIP service does not run, or listens on another address
  - the port in DNS is wrong
  - a firewall rejects instead of dropping
  -> Start the SIP service on that port, correct the port that DNS publishes, or find the firewall
     that rejects the connection.
  Source: RFC 9293 section 3.10.7
  Try it: sipdiag doctor --lab tcp-refused
  Try it: sipdiag doctor --lab tls-refused
  Try it: sipdiag doctor --lab one-server-dead
  Try it: sipdiag doctor --lab all-servers-dead
  Page:   docs/findings.md#tcp-reach.refused
`);
  });

  // The finding of a run gives names and numbers; these words have to stand without them.
  test('words every finding alike: sentences without evidence, causes as fragments', () => {
    explainCommand([], { json: true });
    const { findings }: { findings: FindingFacts[] } = JSON.parse(printed);
    const isSentence = (text: string) => /^[^\n]*[^.\s]\.$/.test(text) && !/undefined|\$\{|  |[.!?] \S/.test(text);
    const isFragment = (text: string) => /\S/.test(text) && !/[.\n]$|undefined|\$\{|  /.test(text);
    const odd = findings.filter(
      ({ means, fix, causes, weighs }) =>
        !(isSentence(means) && isSentence(fix) && [...causes, weighs].every(isFragment)),
    );
    expect(odd).toEqual([]);
    expect(findings.length).toBeGreaterThan(100);
  });

  test('says of every severity that depends on the evidence which one it is when, an error or a warning among them', () => {
    const depending = findingFacts().filter(({ severity }) => severity === 'depends');
    expect(depending.length).toBeGreaterThan(30);
    expect(depending.filter(({ weighs }) => !/\b(error|warning)\b/.test(weighs)).map(({ id }) => id)).toEqual([]);
  });

  test('takes the name of a check for all its findings, in any case', () => {
    explainCommand(['TCP-Reach'], {});
    expect(printed.match(/^tcp-reach\.\w+/gm)).toEqual([
      'tcp-reach.refused',
      'tcp-reach.timeout',
      'tcp-reach.unreachable',
      'tcp-reach.reset',
    ]);
  });

  test.each([
    [['1009'], 'ms-diagnostics 1009'],
    [['0x80EE0042'], '0x80EE0042'],
    [['403'], '403 Forbidden'],
    [['alert', '116'], 'TLS alert 116 certificate_required'],
    [['Q.850', 'cause', '17'], 'Q.850 cause 17'],
  ])('%j is answered from the same tables', (words, title) => {
    expect(explainCommand(words, {})).toBe(0);
    expect(printed.split('\n')[0]).toBe(title);
    expect(printed).toContain('  -> ');
  });

  test('answers several ids and codes one after the other, and none where one of them is unknown', () => {
    explainCommand(['tcp-reach.refused', '403'], {});
    expect(printed.split('\n').filter((line) => /^\w/.test(line))).toEqual([
      expect.stringMatching(/^tcp-reach\.refused \(connect, /),
      '403 Forbidden',
    ]);
    printed = '';
    expect(() => explainCommand(['tcp-reach.refused', 'tcp-reach.refuse'], {})).toThrow(
      "nothing is known as 'tcp-reach.refuse'",
    );
    expect(printed).toBe('');
  });

  test('says of a number that no maker explains that it is unconfirmed', () => {
    explainCommand(['1046'], {});
    expect(printed).toContain('unconfirmed');
  });

  test('gives the same as JSON', () => {
    explainCommand(['302'], { json: true });
    const { findings, codes } = JSON.parse(printed);
    expect([findings.length, codes.map(({ what }: { what: string }) => what)]).toEqual([
      0,
      ['302 Moved Temporarily', 'Warning 302'],
    ]);
  });

  test.each([
    ['tcp-reach.refuse', "nothing is known as 'tcp-reach.refuse'; did you mean tcp-reach.refused?"],
    ['registrations', 'did you mean registration?'],
    ['%%%', 'expected an id that sipdiag explain lists, or a code such as 403, 1009, 0x80EE0042 or alert 116'],
    ['', 'expected an id'],
  ])('of %j knows nothing, and says what is near in one line', (word, message) => {
    const attempt = () => explainCommand([word], {});
    expect(attempt).toThrow(expect.objectContaining({ name: 'UsageError' }));
    expect(attempt).toThrow(message);
    expect(printed).toBe('');
  });
});
