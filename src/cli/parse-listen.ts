import type { Endpoint } from '../world.ts';
import { isAddress } from './ip-address.ts';
import { parsePort } from './parse-values.ts';
import { UsageError } from './usage-error.ts';

/** '[IP:]PORT'; without an address, all of IPv4. Throws UsageError. */
export function parseListen(text: string): Endpoint {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]:|([\d.]+):)?(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '0.0.0.0';
  if (port === '' || !isAddress(address))
    throw new UsageError(
      `--listen '${text}' is not understood; expected [IP:]PORT, for example 5061 or 192.0.2.1:5061`,
    );
  return { address, port: parsePort(port, text) };
}
