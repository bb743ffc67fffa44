import type { Finding, Report } from '../model.ts';
import { escapeTerminal } from './escape.ts';
import { hang } from './layout.ts';
import type { Paint } from './paint.ts';

/** Code points of one sentence; a set of servers has a few. */
const SENTENCE = 1000;
const MAX_LINES = 8;

/** Nothing needs to be told of a first server that serves, unless the ways themselves are what is asked about. */
export const isFailoverLine = ({ id }: Finding, { command }: Report): boolean =>
  id.startsWith('failover.') && (command === 'signin' || id !== 'failover.first-serves');

/** Where a client ends up among several servers, in words. */
export function renderFailover(report: Report, { paint, width }: { paint: Paint; width: number }): string[] {
  const texts = report.findings.filter((one) => isFailoverLine(one, report)).map(({ text }) => text);
  return texts
    .slice(0, MAX_LINES)
    .flatMap((text) =>
      hang('Failover: ', escapeTerminal(text, { limit: SENTENCE }), width).map(({ lead, text: words }, at) =>
        at === 0 ? `${paint('strong', 'Failover:')} ${words}` : lead + words,
      ),
    );
}
