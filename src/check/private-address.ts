const PRIVATE_IPV4 = [
  /^10\./,
  /^127\./,
  /^169\.254\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
];
const PRIVATE_IPV6 = /^(::1$|f[cd]|fe[89ab])/i;

/** Whether an address has no meaning on the Internet. RFC 1918, RFC 6598, RFC 3927, RFC 4193, loopback and link-local. */
export const isPrivateAddress = (address: string): boolean =>
  address.includes(':') ? PRIVATE_IPV6.test(address) : PRIVATE_IPV4.some((range) => range.test(address));
