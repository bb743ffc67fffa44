import {
  certificateParser,
  crlParser,
  ocspParser,
  pemParser,
  pkcs12Parser,
  pkcs7Parser,
} from './certificate-parsers.ts';
import { agentParser } from './agent-parser.ts';
import { batchParser, registryParser, savedRunParser } from './file-parsers.ts';
import type { FuzzedParser } from './fuzzed-parser.ts';
import { dnsParser, httpParser, stunParser, tlsClientParser, tlsServerParser } from './network-parsers.ts';
import { sipParser } from './sip-parser.ts';

/** Everything that reads octets of somebody else, by the name that bench/fuzz/fuzz.mjs knows it by. */
export const PARSERS: Readonly<Record<string, FuzzedParser>> = {
  sip: sipParser,
  dns: dnsParser,
  stun: stunParser,
  http: httpParser,
  'tls-server': tlsServerParser,
  'tls-client': tlsClientParser,
  certificate: certificateParser,
  pem: pemParser,
  pkcs12: pkcs12Parser,
  pkcs7: pkcs7Parser,
  crl: crlParser,
  ocsp: ocspParser,
  agent: agentParser,
  reg: registryParser,
  run: savedRunParser,
  batch: batchParser,
};
