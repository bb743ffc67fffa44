/** The ways in which a client may be told of its server, all of which work. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { APEX, a, naptr } from '../real/zone-records.ts';
import { healthy, NO_DNS, NO_TCP, NO_TLS, publish, row, type LadderScene } from './ladder-row.ts';

/** Nothing out of the ordinary. */
export const PLAIN_SCENE: LadderScene = row(
  { id: 'ladder-plain', name: 'SRV records for UDP, TCP and TLS' },
  healthy([`${HOST} (tls 5061, tcp 5060, udp 5060)`]),
);

export const HEALTHY_LADDER: readonly LadderScene[] = [
  PLAIN_SCENE,
  row(
    {
      id: 'ladder-naptr',
      name: 'NAPTR records in front of the SRV records',
      records: ({ good }) => [
        ...publish(good),
        naptr(APEX, { order: 10, preference: 10, service: 'SIPS+D2T', replacement: '_sips._tcp' }),
        naptr(APEX, { order: 20, preference: 10, service: 'SIP+D2T', replacement: '_sip._tcp' }),
        naptr(APEX, { order: 30, preference: 10, service: 'SIP+D2U', replacement: '_sip._udp' }),
      ],
    },
    healthy([`${HOST} (tls 5061, tcp 5060, udp 5060)`]),
  ),
  row(
    {
      id: 'ladder-address-alone',
      name: 'no SRV records, an address alone, default ports',
      records: ({ good }) => [a(APEX, good.address)],
    },
    healthy([`${DOMAIN} (udp 5060, tcp 5060, tls 5061)`]),
  ),
  row(
    {
      id: 'ladder-udp-alone',
      name: 'a server that speaks UDP alone, found by its address',
      records: ({ udpOnly }) => [a(APEX, udpOnly.address)],
    },
    healthy([`SIP answers at ${DOMAIN}:5060 (udp).`], NO_TCP),
  ),
  row(
    {
      id: 'ladder-ipv6',
      name: 'IPv6 alone, on ports that only the SRV records tell',
      records: ({ ipv6 }) => publish(ipv6),
    },
    healthy([`${HOST} (tls `]),
  ),
  row({ id: 'ladder-sips', name: 'sips: demands TLS', target: `sips:toml@${DOMAIN}` }, healthy([`${HOST}:5061 (tls)`])),
  row(
    { id: 'ladder-transport-tls', name: '--transport tls', args: '--transport tls' },
    healthy([`${HOST}:5061 (tls)`]),
  ),
  row(
    { id: 'ladder-transport-udp', name: '--transport udp opens no connection', args: '--transport udp' },
    healthy([`${HOST}:5060 (udp)`], NO_TCP),
  ),
  row(
    { id: 'ladder-domain', name: 'the domain alone, without a user', target: DOMAIN },
    healthy([`${HOST} (tls 5061, tcp 5060, udp 5060)`]),
  ),
  row(
    {
      id: 'ladder-host-port-tls',
      name: 'host:port for a client with a configured server',
      records: ({ good }) => [a(APEX, good.address)],
      target: `${DOMAIN}:5061`,
    },
    healthy([`${DOMAIN}:5061 (tls)`]),
  ),
  row(
    {
      id: 'ladder-host-port-clear',
      name: 'host:port of the port in the clear',
      records: ({ good }) => [a(APEX, good.address)],
      target: `sip:toml@${DOMAIN}:5060`,
    },
    healthy([`${DOMAIN} (udp 5060, tcp 5060)`], NO_TLS),
  ),
  row(
    {
      id: 'ladder-host-no-domain',
      name: 'host:port of a host that is no SIP domain',
      records: ({ expired }) => publish(expired),
      target: `${HOST}:{expired.udp}`,
      args: '--transport tcp,udp',
    },
    healthy([`${HOST} (tcp `, ', udp '], NO_TLS),
  ),
  row(
    { id: 'ladder-address-port', name: 'an address and a port', target: '{good}:5060' },
    healthy([' (udp 5060, tcp 5060)'], { ...NO_DNS, ...NO_TLS }),
  ),
  row(
    {
      id: 'ladder-server-ipv6',
      name: '--server names an IPv6 address and a port, and --transport what is spoken there',
      args: `--server [::1]:{ipv6.tls} --transport tls --verify-name ${HOST}`,
    },
    healthy(['(tls)'], NO_DNS),
  ),
  row(
    {
      id: 'ladder-ipv6-port',
      name: 'an IPv6 address and a port that is not customary',
      target: '[::1]:{ipv6.tcp}',
    },
    healthy(['::1 (udp ', ', tcp '], { ...NO_DNS, ...NO_TLS }),
  ),
  row(
    { id: 'ladder-server-host', name: '--server names the host, discovery is left out', args: `--server ${HOST}` },
    healthy([`${HOST} (udp 5060, tcp 5060, tls 5061)`]),
  ),
  row(
    {
      id: 'ladder-server-address',
      name: '--server names the address and the certificate is checked by --verify-name',
      args: `--server {good}:5061 --verify-name ${HOST} --sni ${HOST}`,
    },
    healthy([':5061 (tls)'], NO_DNS),
  ),
];
