import { defineCheck } from './define-check.ts';

export const srvRecords = defineCheck({
  id: 'srv-records',
  rung: 'dns',
  question: 'Does the domain publish its SIP servers as SRV records?',
  source: 'RFC 3263 section 4.2',
  reads: ['dns', 'discovery'],
  cases: {
    absent: {
      severity: 'info',
      text: (e: { domain: string; servers: string[] }) =>
        `${e.domain} publishes no SRV record for SIP; clients fall back to ${e.servers.join(', ')}.`,
      remedy: (e) =>
        `It works where a server listens on these addresses. To be found on any port and host, publish _sips._tcp.${e.domain} and _sip._tcp.${e.domain}.`,
    },
  },
  run({ dns, discovery }, found) {
    for (const { about, outcome } of discovery) {
      if (!outcome.ok || outcome.value.servers.length === 0) continue;
      const holdsSrv = dns.some(
        (one) => one.about.type === 'SRV' && one.outcome.ok && one.outcome.value.records.some((record) => record.srv),
      );
      if (holdsSrv) continue;
      const servers = outcome.value.servers.map(({ transport, host, port }) => `${transport} ${host}:${port}`);
      found('absent', about.domain, { domain: about.domain, servers });
    }
  },
});
