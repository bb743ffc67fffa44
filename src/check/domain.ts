import { defineCheck } from './define-check.ts';

export const domain = defineCheck({
  id: 'domain',
  rung: 'dns',
  question: 'Does DNS lead from the SIP domain to any server at all?',
  source: 'RFC 3263 section 4',
  reads: ['dns', 'discovery'],
  cases: {
    'not-found': {
      severity: 'error',
      text: (e: { domain: string; resolver: string; asked: string[] }) =>
        `The domain ${e.domain} does not exist in DNS: ${e.resolver} knows no SRV record and no address for it.`,
      remedy: (e) =>
        `Check the spelling of ${e.domain} in the sign-in address. If it is right, create the zone and publish _sips._tcp.${e.domain} or _sip._tcp.${e.domain}; if it exists only inside, ask the internal DNS server with --resolver.`,
    },
    'no-address': {
      severity: 'error',
      text: (e: { domain: string; resolver: string; asked: string[] }) =>
        `The domain ${e.domain} exists, but ${e.resolver} knows no SIP server for it: no SRV record and no address under any name that SIP clients ask for.`,
      remedy: (e) =>
        `Publish _sips._tcp.${e.domain} (TLS, port 5061) or _sip._tcp.${e.domain} (TCP, port 5060) as SRV records, or point the clients at the server by hand.`,
    },
  },
  run({ dns, discovery }, found) {
    for (const { about, outcome } of discovery) {
      if (!outcome.ok || outcome.value.servers.length > 0) continue;
      const resolver = dns[0]?.about.resolver;
      const answers = dns.filter((one) => one.about.resolver === resolver);
      // Silence or failure of the resolver is another check's finding, and says nothing of the domain.
      if (resolver === undefined || answers.some((one) => !one.outcome.ok)) continue;
      const holds = answers.some((one) => one.outcome.ok && one.outcome.value.records.length > 0);
      if (holds) continue;
      const own = answers.filter((one) => one.about.name.toLowerCase() === about.domain);
      const exists = own.some((one) => one.outcome.ok && one.outcome.value.status !== 'nxdomain');
      const evidence = { domain: about.domain, resolver, asked: answers.map((one) => one.subject) };
      found(exists ? 'no-address' : 'not-found', about.domain, evidence);
    }
  },
});
