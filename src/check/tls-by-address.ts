import { readCertificate } from '../pki/certificate.ts';
import { defineCheck } from './define-check.ts';
import { shown } from './sent-chain.ts';
import { endpointText, namedEndpoint } from './standing.ts';
import { alertText } from './tls-alerts.ts';

interface Evidence {
  server: string;
  address: string;
  /** The name that was sent as SNI the first time. */
  sni: string;
  detail: string;
}
type OtherEvidence = Evidence & { byName: string; byAddress: string };

function subjectOf(leaf: string | undefined): string {
  try {
    return leaf === undefined ? 'none' : shown(readCertificate(Buffer.from(leaf, 'base64')).subject.text);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    return 'one that cannot be read';
  }
}

export const tlsByAddress = defineCheck({
  id: 'tls-by-address',
  rung: 'tls',
  question: 'Does the server show the same certificate to a client that comes by its address?',
  source: 'RFC 6066 section 3, RFC 5922 section 7.8',
  reads: ['tls'],
  uses: ['variant'],
  cases: {
    reached: {
      severity: 'info',
      means: 'By its address, without a server name, the server shows the same certificate as by its name.',
      causes: ['the usual case: one certificate for the listener'],
      fix: 'Nothing to mend: let clients connect by name.',
      text: (e: Evidence) =>
        `TLS with ${e.server} also comes about by its address, with the same certificate. A client that connects to ${e.address} sees a name error, by design; it proves that TLS is reached.`,
      remedy: () => `Nothing to mend: let clients connect by name.`,
    },
    'other-certificate': {
      severity: 'info',
      means: 'The server chooses its certificate by the server name that the client sends (SNI).',
      causes: ['several domains on one address', 'a load balancer or TLS proxy in front of the server'],
      fix: 'Nothing to mend, unless old clients or SBCs that send no SNI sign in here: then make the certificate of the SIP domain the default one of the listener.',
      text: (e: OtherEvidence) =>
        `${e.server} shows another certificate to a client that sends no server name: "${e.byAddress}" instead of "${e.byName}".`,
      remedy: () =>
        `Old clients and some SBCs send no SNI: if such ones sign in here, make the certificate of the SIP domain the default one.`,
    },
    refused: {
      severity: 'info',
      means: 'The server ends the handshake when the client sends no server name (SNI).',
      causes: ['a TLS proxy that routes by the name', 'a server with strict SNI'],
      fix: 'Nothing to mend, unless old clients or SBCs that send no SNI sign in here: then give the listener a default certificate.',
      text: (e: Evidence) =>
        `${e.server} shows no certificate to a client that sends no server name (${e.detail}); by the name ${e.sni} it does.`,
      remedy: () =>
        `Old clients and some SBCs send no SNI: if such ones sign in here, give the listener a default certificate.`,
    },
  },
  notApplicable: ({ variant }) =>
    variant.some(({ about }) => about.way === 'by-address') ? null : 'no server was asked by its address as well',
  run({ tls, variant }, found) {
    for (const { about, outcome } of variant) {
      const named = tls.find(
        (one) => one.about.host === about.host && endpointText(one.about) === endpointText(about) && one.outcome.ok,
      );
      if (about.way !== 'by-address' || named?.outcome.ok !== true) continue;
      const evidence = { server: namedEndpoint(about), address: about.address, sni: named.about.sni ?? '' };
      if (!outcome.ok) {
        const detail = outcome.alert === undefined ? outcome.reason : alertText(outcome.alert);
        found('refused', endpointText(about), { ...evidence, detail });
        continue;
      }
      const [byName] = named.outcome.value.chain;
      const { leaf } = outcome.value;
      if (leaf === byName) found('reached', endpointText(about), { ...evidence, detail: outcome.value.version });
      else {
        const names = { byName: subjectOf(byName), byAddress: subjectOf(leaf) };
        found('other-certificate', endpointText(about), { ...evidence, ...names, detail: outcome.value.version });
      }
    }
  },
});
