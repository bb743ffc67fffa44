/** What is kept of a handshake, and no more is known of. */
const MAX_OCTETS = 512 * 1024;

/** How much of a handshake came. */
export const amountText = (octets: number): string =>
  octets >= MAX_OCTETS ? 'more than 512 KiB' : `${octets} ${octets === 1 ? 'octet' : 'octets'}`;
