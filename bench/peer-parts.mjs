// What the tools at hand are asked: faults of the lab, the words by which a cause is named, and command lines. See peers.mjs.
import { BIN } from './measure.mjs';

const D = 'fuzzybunny.local';
const H = `sip.${D}`;
const NOTHING = { fault: 'none', title: 'nothing is wrong', words: /(?!)/ };
const SIPDIAG = { name: 'sipdiag', version: ['node', BIN, '--version'] };

/** What is wrong, and by which words of a tool it has named it. */
const CERTIFICATE_FAULTS = [
  NOTHING,
  {
    fault: 'cert-expired',
    title: 'expired',
    words: /certificate has expired|\(expired\)|expired certificate|cert-dates\.expired/i,
  },
  {
    fault: 'cert-wrong-name',
    title: 'another name',
    words: /hostname mismatch|does not match [\w ]+|cert-name\.mismatch/i,
  },
  {
    fault: 'cert-server-auth-missing',
    title: 'for clients only',
    words:
      /unsuitable certificate purpose|incorrectly used for[^\n]*|does not match the intended purpose|cert-eku\.server-auth-missing/i,
  },
  {
    fault: 'cert-intermediate-missing',
    title: 'intermediate missing',
    words:
      /chain incomplete|unable to get local issuer certificate|issuer is unknown|cert-chain\.intermediate-missing/i,
  },
];

const CERTIFICATE_TOOLS = [
  {
    ...SIPDIAG,
    command: ({ dns, root }) => [
      'node',
      BIN,
      'tls',
      D,
      '--resolver',
      `${dns}`,
      '--ca',
      root,
      '--transport',
      'tls',
      '--deadline',
      '60000',
    ],
  },
  {
    name: 'openssl s_client',
    version: ['openssl', 'version'],
    command: ({ at, root }) =>
      `openssl s_client -connect ${at} -servername ${H} -verify_hostname ${H} -CAfile ${root} -verify_return_error -brief`.split(
        ' ',
      ),
  },
  {
    name: 'gnutls-cli',
    version: ['gnutls-cli', '--version'],
    command: ({ host, port, root }) =>
      `gnutls-cli ${host} --port ${port} --sni-hostname ${H} --verify-hostname ${H} --x509cafile ${root}`.split(' '),
  },
  {
    name: 'sslscan',
    version: ['sslscan', '--version'],
    command: ({ at }) => ['sslscan', '--no-colour', `--sni-name=${H}`, at],
  },
  {
    name: 'nmap ssl-cert',
    version: ['nmap', '--version'],
    command: ({ host, port }) => ['nmap', '-Pn', '-n', '-p', port, '--script', 'ssl-cert', host],
  },
  {
    name: 'testssl -S',
    version: ['testssl', '--version'],
    command: ({ host, port, root }) =>
      `testssl --quiet --color 0 --warnings off --nodns none -S --add-ca ${root} --ip ${host} ${H}:${port}`.split(' '),
  },
];

const DNS_FAULTS = [
  NOTHING,
  { fault: 'naptr-broken', title: 'a NAPTR record leads nowhere', words: /naptr\.broken/ },
  {
    fault: 'srv-target-alias',
    title: 'an SRV record points to a CNAME',
    words: /srv-target\.alias|\bCNAME\b(?![^]*srv-target\.alias)/,
  },
  {
    fault: 'srv-target-missing',
    title: 'an SRV record points to no host',
    words: /srv-target\.missing|not found|NXDOMAIN/,
  },
];

/** sip-dig knows port 53 alone. */
const DNS_TOOLS = [
  { ...SIPDIAG, command: ({ dns }) => ['node', BIN, 'dns', D, '--resolver', dns] },
  {
    name: 'sip-dig',
    version: ['dpkg-query', '-W', '-f', '${Version}', 'sofia-sip-bin'],
    command: () => ['sip-dig', '@127.0.0.1', `sip:${D}`],
  },
  {
    name: 'dig',
    version: ['dig', '-v'],
    command: () =>
      `dig @127.0.0.1 ${D} NAPTR _sips._tcp.${D} SRV _sip._tcp.${D} SRV _sip._udp.${D} SRV ${H} A`.split(' '),
  },
];

const SIGN_IN_FAULTS = [
  NOTHING,
  {
    fault: 'password-refused',
    title: 'wrong password',
    words: /registration\.credentials-rejected|authori[sz]ation failed/i,
  },
  { fault: 'sip-silent', title: 'no answer', words: /sip-answer\.none|time-?out[^\n]*|no (?:answer|response)/i },
  { fault: 'account-forbidden', title: '403', words: /registration\.account-forbidden|403 Forbidden/ },
  { fault: 'sip-server-error', title: '503', words: /sip-answer\.server-error|503 Service Unavailable/ },
];

/** The SIP domain is localhost: sipsak connects to the domain of the address alone. All over UDP. */
const SIGN_IN_TOOLS = [
  {
    ...SIPDIAG,
    command: ({ dns, root, passwordFile }) =>
      `node ${BIN} signin sip:alice@localhost --resolver ${dns} --ca ${root} --transport udp --password-file ${passwordFile}`.split(
        ' ',
      ),
  },
  {
    name: 'sipsak -U',
    version: ['sipsak', '-V'],
    command: ({ udp, password }) =>
      `sipsak -U -x 60 -C sip:alice@127.0.0.1:9 -H 127.0.0.1 -u alice -a ${password} -s sip:alice@localhost:${udp}`.split(
        ' ',
      ),
  },
];

/** `lab`: arguments of `sipdiag lab`; `timed`: cells have the seconds too. */
export const PARTS = [
  {
    id: 'certificates',
    title: 'A faulty certificate',
    told: 'Each tool is told the name, the address and the root that the certificate comes from.',
    lab: [],
    timed: false,
    faults: CERTIFICATE_FAULTS,
    tools: CERTIFICATE_TOOLS,
  },
  {
    id: 'dns',
    title: 'A fault in DNS',
    told: 'Each tool is told the domain and the DNS server; dig is asked for the NAPTR record, three SRV records and the host.',
    lab: ['--dns-port', '53'],
    timed: false,
    faults: DNS_FAULTS,
    tools: DNS_TOOLS,
  },
  {
    id: 'sign-in',
    title: 'A sign-in that fails',
    told: 'Each tool is told the address to sign in with and the password, over UDP; sipsak is spared the challenge with SHA-256, which it does not know.',
    lab: ['--domain', 'localhost'],
    timed: true,
    faults: SIGN_IN_FAULTS,
    tools: SIGN_IN_TOOLS,
  },
];
