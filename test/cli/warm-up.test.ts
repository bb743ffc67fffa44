import { expect, test, vi } from 'vitest';
import { judgeChain } from '../../src/check/sent-chain.ts';
import { judgingAhead } from '../../src/cli/warm-up.ts';
import { makeChain, observed } from '../check/tls-observation.ts';

test('the chain of a handshake is judged before anybody asks for it', async () => {
  const one = observed(makeChain());
  const { chains, handshaken } = judgingAhead();
  handshaken?.(one);
  const known = await vi.waitFor(() =>
    chains.recall(one, () => {
      throw new Error('not judged yet');
    }),
  );
  expect(known).toEqual(judgeChain(one));
});
