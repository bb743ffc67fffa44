import { farSideCommands } from '../check/far-side-commands.ts';
import type { AnnouncePorts } from '../probe/manual-witness.ts';
import { durationText } from '../check/duration-text.ts';
import { writeErr } from './output.ts';

/** Prints what to run on the far side while this machine listens. `deadlineMs`: when the run ends by itself. */
export function announceByHand(deadlineMs: number): AnnouncePorts {
  return (waiting) => {
    const lines = farSideCommands(waiting).map((line) => `  ${line}`);
    const head =
      'This machine listens. Run one of these on the far side, on the machine of the SIP server or beside it:';
    const tail = `It waits until something has come to every port, for ${durationText(deadlineMs)} at most (--deadline); Ctrl-C ends it and reports what has come.`;
    writeErr(`\n${[head, ...lines, tail].join('\n')}\n\n`);
  };
}
