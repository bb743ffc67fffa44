import { certificatePolicy } from './cert-policy.ts';
import { replacementNames } from './cert-request-words.ts';
import { defineCheck } from './define-check.ts';
import { chainSubject, having, owned, type Owned, presented } from './sent-chain.ts';
import { severityOf, standInText } from './standing.ts';

interface Evidence extends Owned {
  version: number;
  /** For sipdiag csr. */
  names: string;
  /** Whose rules decide. */
  who: string;
  demand: 'customary' | 'demanded';
}

export const certVersion = defineCheck({
  id: 'cert-version',
  rung: 'certificate',
  question: 'Is the server certificate of X.509 version 3?',
  source: 'RFC 5280 section 4.1.2.1',
  reads: ['tls'],
  cases: {
    'not-v3': {
      means:
        'The server certificate is not of X.509 version 3, so it can hold neither alternative names nor key usages.',
      causes: ['it was signed with openssl x509 -req without a file of extensions', 'a very old CA or tool'],
      fix: 'Replace it by a certificate of version 3; sipdiag csr makes the request.',
      severity: (e: Evidence) => (e.demand === 'demanded' ? severityOf(e) : 'warning'),
      weighs:
        'error under the profiles of Microsoft systems, which demand version 3 (warning while another server of its set shows a better one); warning under the others',
      text: (e: Evidence) =>
        `The certificate of ${e.server} is of X.509 version ${e.version}: it can hold neither alternative names nor key usages, and ${e.demand === 'demanded' ? `${e.who} demands version 3` : 'strict clients refuse it'}.${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Replace "${e.subject}" by a certificate of version 3; make the request with: sipdiag csr ${e.names}`,
    },
  },
  run({ tls }, found, readings) {
    const all = presented(tls, readings);
    const good = having(all, ({ leaf }) => leaf.version === 3);
    for (const { one, chain } of all) {
      if (chain === undefined || chain.leaf.version === 3) continue;
      const { who, version3 } = certificatePolicy(one.about.profile);
      const { leaf } = chain;
      const evidence = {
        ...owned(one, leaf.subject.text, good),
        version: leaf.version,
        names: replacementNames(one, leaf),
        who,
        demand: version3,
      };
      found('not-v3', chainSubject(one), evidence);
    }
  },
});
