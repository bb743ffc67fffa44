import type { SipObservation } from '../model/sip.ts';
import { contactEcho, viaEcho, type Echo } from './bindings-seen.ts';
import { defineCheck } from './define-check.ts';
import { namedEndpoint } from './standing.ts';

type Evidence = Echo & { server: string; transport: string };

/** The REGISTER that made a binding: only its answer tells of a Contact. */
const isRegistered = ({ about, outcome }: SipObservation): boolean =>
  about.step === 'sign-in' && about.contact !== undefined && outcome.ok && outcome.value.status < 300;

export const sipEcho = defineCheck({
  id: 'sip-echo',
  rung: 'sip',
  question: 'Does what the client wrote into Via and Contact come back as it was sent?',
  source: 'RFC 3261 sections 10.3 and 18.2.2; RFC 4787 section 7 (application level gateways)',
  reads: ['sip'],
  cases: {
    'via-changed': {
      severity: 'warning',
      means:
        'The address in the Via of an answer is another than the client wrote: something on the way rewrites SIP messages.',
      causes: ['a SIP ALG in the router or firewall of this network', 'a proxy that rewrites the Via of its clients'],
      fix: 'Turn the SIP ALG (SIP helper) off in the router, or use SIP over TLS, which it cannot read.',
      text: (e: Evidence) =>
        `Something between this machine and ${e.server} rewrites SIP over ${e.transport.toUpperCase()}: the Via says ${e.back} in the answer and said ${e.sent} in the request.`,
      remedy: (e) =>
        e.transport === 'tls'
          ? `Ask who runs ${e.server} whether it rewrites the Via of its clients; if it does not, look for a proxy or a firewall on the way that opens TLS (the certificate of sipdiag tls is its own then).`
          : 'Turn the SIP ALG in the router or firewall of this network off, or use SIP over TLS (port 5061), which it cannot read; to learn whether it is an ALG or the server, run an agent on the far side: sipdiag firewall --via agent --agent HOST',
    },
    'contact-changed': {
      severity: 'info',
      means: 'The registrar gives the Contact of this client back with another address.',
      causes: [
        'the registrar helps clients behind a NAT (Asterisk: rewrite_contact=yes)',
        'a SIP ALG has rewritten the REGISTER on the way',
      ],
      fix: 'Nothing to mend where the server is set up to do so; else look for a SIP ALG on the way.',
      text: (e: Evidence) =>
        `The registrar at ${e.server} has the Contact ${e.back}, where this client sent ${e.sent} over ${e.transport.toUpperCase()}.`,
      remedy: () =>
        'If the server is not meant to help clients behind NAT (Asterisk: rewrite_contact=yes), turn the SIP ALG off that rewrites the Contact on the way, in the router, or use SIP over TLS.',
    },
  },
  notApplicable: ({ sip }) => (sip.some(isRegistered) ? null : 'no Contact was registered'),
  run({ sip }, found) {
    for (const one of sip.filter(isRegistered)) {
      const { about, subject } = one;
      const place = { server: namedEndpoint(about), transport: about.transport };
      const via = viaEcho(one);
      const contact = contactEcho(one);
      if (via !== undefined) found('via-changed', subject, { ...place, ...via });
      if (contact !== undefined) found('contact-changed', subject, { ...place, ...contact });
    }
  },
});
