import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The published schema, as it is shipped. */
export const reportSchema: unknown = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validate = ajv.compile(Object(reportSchema));

/** The first rules that a document breaks, one 'path message' each; none for a valid report. */
export function reportFaults(json: unknown): string[] {
  if (validate(json)) return [];
  return (
    (validate.errors ?? [])
      // Every other member of the union complains about `kind`; only the complaint of the right one helps.
      .filter((error) => !(error.keyword === 'const' && /\/(?:kind|ok)$/.test(error.instancePath)))
      .map((error) => `${error.instancePath} ${error.message ?? error.keyword} ${JSON.stringify(error.params)}`)
  );
}

/** Throws, with the rules that are broken, unless the value is a report as docs/report.schema.json has it. */
export function assertValidReport(json: unknown): void {
  if (validate(json)) return;
  throw new Error(`not a valid report:\n${reportFaults(json).join('\n')}`);
}
