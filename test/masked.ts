/** What differs from run to run (ports of the lab, milliseconds, dates) is replaced by letters of the same width. */
export const masked = (text: string): string =>
  text
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, (time) =>
      time.length > 20 ? 'YYYY-MM-DDTHH:MM:SS.mmmZ' : 'YYYY-MM-DDTHH:MM:SSZ',
    )
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, 'YYYY-MM-DD')
    .replaceAll(/:[1-6]\d{4}\b/g, ':PPPPP')
    .replaceAll(/\b(\d+ \d+ )[1-6]\d{4}(?= \S)/g, '$1PPPPP')
    .replaceAll(/(\bports?\s+(?:= :)?)[1-6]\d{4}\b/g, '$1PPPPP')
    .replaceAll(/((?:TCP|UDP|-vzu? 127\.0\.0\.1)\s+)[1-6]\d{4}(?:-[1-6]\d{4})?\b/g, (found, before: string) =>
      found.replaceAll(/\d{5}/g, 'PPPPP').replace(/^.*?(?=P{5})/s, before),
    )
    // 'tls 40001, tcp 40002', 'dig -p 40003', 'port 40004, 40005', also where the line was broken before the number.
    .replaceAll(/((?:\btls|\btcp|\budp|-p)\s+)[1-6]\d{4}\b/g, '$1PPPPP')
    .replaceAll(/(?<=PPPPP(?:, [1-6]\d{4})*, )[1-6]\d{4}\b/g, 'PPPPP')
    .replaceAll(/\bz9hG4bK[0-9a-f]{24}\b/g, `z9hG4bK${'B'.repeat(24)}`)
    .replaceAll(/ {2,}(?:<1|\b\d+(?:\.\d+)?) ms\b/g, (time) => `${'N'.padStart(time.length - 3)} ms`)
    .replaceAll(/(?<! ) (?:<1|\d+(?:\.\d+)?) ms\b/g, ' N ms')
    .replaceAll(/(\/sipdiag-lab-)\w{6}\b/g, '$1XXXXXX')
    // A limit of one second that a busy machine kept a little late.
    .replaceAll(/\b1\.[1-4] s\b/g, '1 s');
