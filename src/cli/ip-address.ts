const isIpv4 = (host: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(host) && host.split('.').every((one) => Number(one) <= 255);
/** Whether the text is an IPv6 address, without brackets. */
export const isIpv6 = (host: string): boolean => {
  if (!/^[0-9a-f:.]+$/i.test(host) || !host.includes(':')) return false;
  try {
    return new URL(`http://[${host}]/`).hostname.length > 2;
  } catch {
    // The URL parser is the judge of what an IPv6 address is.
    return false;
  }
};
/** Whether the text is an IPv4 or IPv6 address, without brackets. */
export const isAddress = (host: string): boolean => isIpv4(host) || isIpv6(host);
