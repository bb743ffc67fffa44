/** The table of scenes itself: whole, unambiguous, and played to the last row. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCENES } from './scenes.ts';
import { NO_NETWORK } from './scenes/row.ts';

const FILES = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'));
const STAGES = [...new Set(SCENES.map(({ stage }) => stage))];

/** The files that play all rows of a stage, one entry for each time. */
const playersOf = (stage: string): string[] =>
  FILES.flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    return [...text.matchAll(/\bplayScenes\(\s*'([\w-]+)'/g)].filter(([, one]) => one === stage).map(() => file);
  });

const byCommand = (command: string) => SCENES.filter((scene) => scene.command.startsWith(`${command} `));

describe('the table of scenes', () => {
  test('has 45 rows and more that doctor is asked about, and healthy ones among them', () => {
    expect(byCommand('doctor').length).toBeGreaterThanOrEqual(45);
    expect(byCommand('doctor').filter(({ expected }) => expected.status === 'healthy').length).toBeGreaterThan(10);
  });

  test('names every scene once', () => {
    const ids = SCENES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  test.each(STAGES)('has the rows of the stage %s played by one test', (stage) => {
    expect(playersOf(stage)).toHaveLength(1);
  });

  test.each(SCENES.map((scene): [string, (typeof SCENES)[number]] => [scene.id, scene]))(
    '%s fits together',
    (_id, scene) => {
      const { status, rung, findingId, code } = scene.expected;
      const faulty = status === 'broken' || status === 'degraded';
      const untold = status === 'unknown' && findingId?.startsWith('witness.') === true;
      expect(findingId !== null).toBe(faulty || untold);
      const offline = scene.expected.says?.includes(NO_NETWORK) === true;
      expect(rung !== null).toBe(status !== 'healthy' && !offline);
      const failsOnWarning = scene.command.includes('--fail-on warning');
      expect(code).toBe({ healthy: 0, degraded: failsOnWarning ? 1 : 0, broken: 1, unknown: 3 }[status]);
      expect(scene.servers).not.toEqual([]);
    },
  );
});
