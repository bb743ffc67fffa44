import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Language, Parser, type Node } from 'web-tree-sitter';
import { codeBlocks, pageText } from './code-blocks.ts';

const GRAMMAR = new URL(
  '../../fixtures/conformance/tree-sitter-powershell/tree-sitter-powershell.wasm',
  import.meta.url,
);
const PAGES = ['README.md', 'docs/runbooks.md', 'docs/batch.md', 'docs/agent-protocol.md', 'docs/findings.md'];

const EXAMPLES = PAGES.flatMap((file) =>
  codeBlocks(pageText(file)).flatMap(({ language, text, heading }) =>
    language === 'powershell' ? [{ file, heading, text }] : [],
  ),
);

/** Where the grammar found something that it does not know, or misses something. */
function faultsIn(node: Node): string[] {
  const here = node.isError || node.isMissing ? [`line ${node.startPosition.row + 1}: ${node.type} ${node.text}`] : [];
  return [...here, ...node.children.flatMap((child) => (child === null ? [] : faultsIn(child)))];
}

describe('an example in PowerShell', () => {
  const parser: { parse?: (text: string) => string[] } = {};
  beforeAll(async () => {
    await Parser.init();
    const powershell = new Parser().setLanguage(await Language.load(readFileSync(GRAMMAR)));
    parser.parse = (text) => {
      const tree = powershell.parse(text);
      return tree === null ? ['nothing was parsed'] : faultsIn(tree.rootNode);
    };
  });

  test('is there', () => {
    expect(EXAMPLES.map(({ file }) => file)).toContain('docs/runbooks.md');
  });

  test.each(EXAMPLES)('$file, "$heading": the grammar of PowerShell takes it', ({ text }) => {
    expect(parser.parse?.(text)).toEqual([]);
  });

  test.each(EXAMPLES)('$file, "$heading": with one brace less the grammar refuses it', ({ text }) => {
    expect(parser.parse?.(text.replace(/\}(?=[^}]*$)/, ''))).not.toEqual([]);
  });
});
