/** What can be asked of DNS: a domain in every spelling, TLS alone, and the name of one service. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { COMMANDS, dnsRow, type DnsCommand, type DnsTale } from './dns-row.ts';
import { broken, HEALTHY, type Expected, type Row } from './row.ts';

export type QuestionScene = Row<'questions', { target: string }> & {
  expected: Expected & {
    /** 'transport host:port' in their order; absent: no domain was asked about, and no client's way is worked out. */
    leads?: readonly string[];
  };
};

interface Tale extends Pick<DnsTale, 'id' | 'name' | 'says'>, Partial<Pick<DnsTale, 'ending' | 'findings'>> {
  target: string;
  leads?: readonly string[];
}

function rowOf(command: DnsCommand, { target, leads, ending = HEALTHY, findings = [], ...tale }: Tale): QuestionScene {
  const typed = `${target} --resolver {dns} --ca {root}`;
  const row = dnsRow({ stage: 'questions', command, typed, world: { target } }, { ...tale, ending, findings });
  return { ...row, expected: { ...row.expected, ...(leads === undefined ? {} : { leads }) } };
}

const TLS = `tls ${HOST}:5061`;
const leads = [TLS, `tcp ${HOST}:5060`, `udp ${HOST}:5060`];

const DOMAINS: readonly Tale[] = [
  { id: 'uri', name: 'a SIP URI', target: `sip:toml@${DOMAIN}`, leads },
  { id: 'domain', name: 'a domain', target: DOMAIN, leads },
  { id: 'capitals', name: 'a domain in capitals with a final dot', target: `${DOMAIN.toUpperCase()}.`, leads },
  { id: 'no-scheme', name: 'an address of record without scheme', target: `toml@${DOMAIN}`, leads },
  { id: 'sips', name: 'sips: takes TLS alone', target: `sips:toml@${DOMAIN}`, leads: [TLS] },
];

const SERVICES: readonly Tale[] = [
  { id: 'service', name: 'a service name is asked for alone', target: `_sip._tls.${DOMAIN}` },
  {
    id: 'service-missing',
    name: 'a service name that does not exist',
    target: `_sip._tsl.${DOMAIN}`,
    ending: broken('dns', 'srv-records.not-found'),
    findings: ['srv-records.not-found error'],
    says: [`_sip._tsl.${DOMAIN} does not exist`],
  },
  {
    id: 'service-without-srv',
    name: 'a service name without an SRV record',
    target: `_sip._text.${DOMAIN}`,
    ending: broken('dns', 'srv-records.not-found'),
    findings: ['srv-records.not-found error'],
    says: [`_sip._text.${DOMAIN} exists, but`],
  },
];

export const QUESTIONS: readonly QuestionScene[] = [
  ...DOMAINS.flatMap((tale) => COMMANDS.map((command) => rowOf(command, tale))),
  ...SERVICES.map((tale) => rowOf('dns', tale)),
];

/** A domain in another script, as it stands in DNS. */
export const ASCII = 'xn--bcher-kva.local';
export const UNICODE = 'bücher.local';

export type OtherScriptScene = Row<'other-script', object>;

const SPELLINGS: readonly (readonly [id: string, domain: string])[] = [
  ['unicode', UNICODE],
  ['unicode-capitals', UNICODE.toUpperCase()],
  ['ascii', ASCII],
];

export const OTHER_SCRIPT: readonly OtherScriptScene[] = SPELLINGS.flatMap(([id, domain]) =>
  COMMANDS.map((command) =>
    dnsRow(
      { stage: 'other-script', command, typed: `${domain} --resolver {dns}`, world: {} },
      { id, name: `${domain} is looked up in its ASCII form`, ending: HEALTHY, findings: [] },
    ),
  ),
);
