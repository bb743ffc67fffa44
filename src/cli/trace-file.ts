import type { Report } from '../model.ts';
import { maskTrace, type TracedMessage } from '../wire/traced-message.ts';
import { writeTextFile } from './files.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Where the messages of a run are written. */
export interface TraceOptions {
  trace?: string;
  tracePcap?: string;
  redact?: boolean;
}

/** Refuses what cannot be done before anything is sent. Throws UsageError. */
export function checkTraceOptions({ tracePcap, redact }: TraceOptions): void {
  if (tracePcap !== undefined && redact === true)
    throw new UsageError('--trace-pcap cannot be redacted; expected --trace together with --redact, or neither');
}

async function writeText(file: string, messages: readonly TracedMessage[], subject: Subject): Promise<void> {
  const { renderTrace } = await import('../report/trace-text.ts');
  const { report, redact } = subject;
  const entries = maskTrace(messages).map((entry) => ({
    ...entry,
    local: redact(entry.local),
    remote: redact(entry.remote),
    text: redact(entry.text),
  }));
  await writeTextFile(file, renderTrace(entries, { version: VERSION, startedAt: report.startedAt }));
}

interface Subject {
  report: Report;
  redact: (text: string) => string;
}

async function redactorOf(report: Report, { redact }: TraceOptions): Promise<(text: string) => string> {
  if (redact !== true) return (text) => text;
  const { createReportRedactor } = await import('../report/redact.ts');
  return createReportRedactor(report);
}

/**
 * Writes the messages of a run to the files that the user named, secrets masked, and with --redact names replaced as in the report.
 * Throws UsageError when a file cannot be written.
 */
export async function writeTraces(
  options: TraceOptions,
  messages: readonly TracedMessage[],
  report: Report,
): Promise<void> {
  checkTraceOptions(options);
  const { trace, tracePcap } = options;
  if (trace !== undefined) await writeText(trace, messages, { report, redact: await redactorOf(report, options) });
  if (tracePcap === undefined) return;
  const { formatPcap } = await import('../wire/pcap.ts');
  const startedAt = Date.parse(report.startedAt);
  await writeTextFile(tracePcap, formatPcap(messages, { startedAt, application: `sipdiag ${VERSION}` }));
}
