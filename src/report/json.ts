import type { Report } from '../model.ts';
import { escapeJson } from './escape.ts';

/** The report as one JSON document (docs/report.schema.json), indented by two, with a final line feed; safe to `cat`. */
export function renderJson(report: Report): string {
  return `${escapeJson(JSON.stringify(report, null, 2))}\n`;
}
