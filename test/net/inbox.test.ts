import { expect, test } from 'vitest';
import { createInbox, INBOX_BYTES } from '../../src/net/inbox.ts';
import { NetError } from '../../src/net/net-error.ts';

const wait = { timeoutMs: 1_000 };

test('is full at its limit and tells when there is room again', async () => {
  let room = 0;
  const inbox = createInbox<string>('test', () => (room += 1));
  inbox.put('a', INBOX_BYTES - 1000);
  expect(inbox.isFull()).toBe(false);
  inbox.put('b', 1000);
  expect(inbox.isFull()).toBe(true);
  expect(await inbox.take(wait)).toBe('a');
  expect(await inbox.take(wait)).toBe('b');
  expect(room).toBe(1);
  expect(inbox.isFull()).toBe(false);
});

test('is filled by items without octets as well', () => {
  const inbox = createInbox<string>('test', () => undefined);
  for (let count = 0; count < 2000; count += 1) inbox.put('', 0);
  expect(inbox.isFull()).toBe(true);
});

test('serves readers in the order in which they came', async () => {
  const inbox = createInbox<string>('test', () => undefined);
  const readers = [inbox.take(wait), inbox.take(wait)];
  inbox.put('first', 1);
  inbox.put('second', 1);
  expect(await Promise.all(readers)).toEqual(['first', 'second']);
});

test('gives nothing to a reader that has gone', async () => {
  const inbox = createInbox<string>('test', () => undefined);
  await expect(inbox.take({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'timeout' });
  inbox.put('kept', 1);
  expect(await inbox.take(wait)).toBe('kept');
});

test('gives a noted error once and stays open, but the final error for ever', async () => {
  const inbox = createInbox<string>('test', () => undefined);
  inbox.note(new NetError('refused', 'ICMP'));
  inbox.put('still here', 1);
  inbox.end(new NetError('closed', 'over'));
  inbox.put('too late', 1);
  await expect(inbox.take(wait)).rejects.toMatchObject({ code: 'refused' });
  expect(await inbox.take(wait)).toBe('still here');
  await expect(inbox.take(wait)).rejects.toMatchObject({ code: 'closed' });
  await expect(inbox.take(wait)).rejects.toMatchObject({ code: 'closed' });
});
