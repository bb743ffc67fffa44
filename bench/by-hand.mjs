// What an administrator would type to learn from DNS where the clients of a domain connect: 22 questions.
const TYPES = ['A', 'AAAA'];
const HOSTS = ['', 'sip.', 'sipinternal.', 'sipexternal.', 'lyncdiscover.', 'lyncdiscoverinternal.', 'pool01.'];
const SERVICES = [
  '_sips._tcp.',
  '_sip._tcp.',
  '_sip._udp.',
  '_sip._tls.',
  '_sipinternaltls._tcp.',
  '_sipinternal._tcp.',
  '_sipfederationtls._tcp.',
];

/** One dig process for each question. */
export const digs = (domain, { address, port }) =>
  [
    [domain, 'NAPTR'],
    ...SERVICES.map((name) => [`${name}${domain}`, 'SRV']),
    ...HOSTS.flatMap((name) => TYPES.map((type) => [`${name}${domain}`, type])),
  ].map(([name, type]) => ['dig', `@${address}`, '-p', String(port), '+tries=1', name, type]);
