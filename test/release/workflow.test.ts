import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const workflow = readFileSync(new URL('../../.github/workflows/ci.yml', import.meta.url), 'utf8');

test('the workflow pins every action by commit and gives no rights beyond reading', () => {
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
  expect(actions.length).toBeGreaterThan(2);
  expect(actions.filter((action) => !/^[\w./-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  expect(workflow).toMatch(/^permissions: \{\}$/m);
  expect(workflow).not.toMatch(/: write\b/);
});

test('the workflow runs the same command as everybody, on each Node that is supported', () => {
  expect(workflow).toMatch(/node: \[20, 22, 24\]/);
  expect(workflow).toMatch(/bash \.ci\/run$/m);
});
