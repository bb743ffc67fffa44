import { expect, test } from 'vitest';
import { WireError } from '../../src/wire/wire-error.ts';

test.each([
  [new WireError('rule', 'a length is wrong', 12), 12, 'a length is wrong (at octet 12)'],
  [new WireError('rule', 'this is no certificate'), 0, 'this is no certificate'],
])('an error names the octet where reading stopped, if it is not the whole: %s', (error, offset, message) => {
  expect(error).toMatchObject({ code: 'rule', offset, message });
});
