/** Routers as people have them, in nftables text for TestNetwork.setRules. They hide the client behind the router's address. */

/** The router's behaviour, in the terms of RFC 4787: how it maps, then how it filters. */
export type NatKind = 'full-cone' | 'restricted' | 'port-restricted' | 'address-dependent' | 'symmetric';

const CLIENT = '198.18.0.10';

const postrouting = (...lines: string[]): string =>
  ['chain postrouting { type nat hook postrouting priority 100; policy accept;', ...lines, '}'].join('\n');
const prerouting = (...lines: string[]): string =>
  ['chain prerouting { type nat hook prerouting priority -100; policy accept;', ...lines, '}'].join('\n');
const table = (...parts: string[]): string => ['table ip nat {', ...parts, '}'].join('\n');

/** Ports are kept, and whatever comes from outside is handed in: one mapping for all, no filter. TCP too. */
const fullCone = table(
  postrouting('oifname "to-server" masquerade'),
  prerouting(
    `iifname "to-server" udp dport 1024-65535 dnat to ${CLIENT}`,
    `iifname "to-server" tcp dport 1024-65535 dnat to ${CLIENT}`,
  ),
);

/** From outside come in only datagrams of addresses that this port has sent to. */
const restricted = table(
  'set known { type inet_service . ipv4_addr; flags dynamic, timeout; timeout 60s; size 4096; }',
  'chain note { type filter hook forward priority 0; policy accept;',
  'iifname "to-client" meta l4proto udp update @known { udp sport . ip daddr }',
  '}',
  postrouting('oifname "to-server" masquerade'),
  prerouting(`iifname "to-server" udp dport . ip saddr @known dnat to ${CLIENT}`),
);

/** What Linux does by itself: ports are kept, and only answers come in. */
const portRestricted = table(postrouting('oifname "to-server" masquerade'));

/** Another mapping for each address of the far side: the kernel keeps a mapping only where its range allows it. */
const addressDependent = (first: string, second: string): string =>
  table(
    postrouting(
      `oifname "to-server" ip daddr ${first} meta l4proto udp masquerade to :20000-20999`,
      `oifname "to-server" ip daddr ${second} meta l4proto udp masquerade to :21000-21999`,
      'oifname "to-server" masquerade',
    ),
  );

/** Another mapping for each address and port. */
const symmetric = table(postrouting('oifname "to-server" masquerade random'));

/** nftables text for a router of this kind; `servers`: the two addresses of the server side. */
export function natRulesOf(kind: NatKind, servers: readonly [string, string]): string {
  const rules: Record<NatKind, string> = {
    'full-cone': fullCone,
    restricted,
    'port-restricted': portRestricted,
    'address-dependent': addressDependent(...servers),
    symmetric,
  };
  return rules[kind];
}
