import type { ClientFlaw } from './client-certificates.ts';
import { expecting, type Fault } from './plan.ts';

/** The server asks for a client certificate and takes any. */
const showing = (title: string, [client, name]: readonly [ClientFlaw, string]): Fault => ({
  title,
  expects: expecting('tls', `client-cert.${name}`, 'warning'),
  change: { clients: 'asked', client },
});

/** What can be wrong between the first packet and the end of the TLS handshake. */
export const TLS_FAULTS = {
  'tcp-refused': {
    title: 'DNS publishes a TCP port where nothing listens',
    expects: expecting('connect', 'tcp-reach.refused'),
    change: { tcp: 'refused' },
  },
  'tls-refused': {
    title: 'DNS publishes a TLS port where nothing listens',
    expects: expecting('connect', 'tcp-reach.refused'),
    change: { tls: 'refused' },
  },
  'tls-resets': {
    title: 'the TLS port resets every connection as soon as it is open',
    expects: expecting('connect', 'tcp-reach.reset'),
    change: { tls: 'resets' },
  },
  'one-server-dead': {
    title: 'one of the two TLS servers in DNS is dead',
    expects: expecting('connect', 'tcp-reach.refused', 'warning'),
    change: { zone: 'one-server-dead' },
    also: [{ findingId: 'failover.moves-on' }],
  },
  'all-servers-dead': {
    title: 'both of the TLS servers in DNS are dead',
    expects: expecting('connect', 'tcp-reach.refused'),
    change: { zone: 'one-server-dead', tls: 'refused' },
    also: [{ findingId: 'failover.nowhere' }],
  },
  'tls-plaintext': {
    title: 'the TLS port speaks SIP in the clear',
    expects: expecting('tls', 'tls-service.plaintext'),
    change: { tls: 'plaintext' },
  },
  'tls-web-server': {
    title: 'a web server without TLS listens on the TLS port',
    expects: expecting('tls', 'tls-service.not-tls'),
    change: { tls: 'web-server' },
  },
  'tls-unpublished': {
    title: 'DNS publishes no TLS server',
    expects: expecting('tls', 'tls-service.unpublished', 'info'),
    change: { zone: 'no-tls' },
  },
  'tls-silent': {
    title: 'the TLS port accepts the connection and says nothing',
    expects: expecting('tls', 'tls-handshake.timeout'),
    change: { tls: 'silent' },
  },
  'tls-closes': {
    title: 'the TLS port closes the connection when the handshake begins',
    expects: expecting('tls', 'tls-handshake.closed'),
    change: { tls: 'closes' },
  },
  'tls-alert': {
    title: 'the TLS server does not know the name that is asked for (alert 112)',
    expects: expecting('tls', 'tls-handshake.alert'),
    change: { tls: 'alert' },
  },
  'tls-garbled': {
    title: 'the TLS server sends a first message that cannot be read',
    expects: expecting('tls', 'tls-handshake.malformed'),
    change: { tls: 'garbled' },
  },
  'tls-stalls': {
    title: 'the TLS server begins the handshake and stops in the middle of it',
    expects: expecting('tls', 'tls-handshake.unfinished'),
    change: { tls: 'stalls' },
  },
  'tls-too-large': {
    title: 'the TLS server sends along more certificates than clients take',
    expects: expecting('tls', 'tls-handshake.too-large'),
    change: { certificate: 'whole-store' },
  },
  'tls-other-version': {
    title: 'the TLS server chooses a version of TLS that no client has offered',
    expects: expecting('tls', 'tls-handshake.failed'),
    change: { tls: 'other-version' },
  },
  'tls-weak-only': {
    title: 'the TLS server agrees on a cipher only that is in no list of today (Camellia)',
    expects: expecting('tls', 'tls-version.weak-only'),
    change: { versions: 'weak-only' },
  },
  'tls-legacy-only': {
    title: 'the TLS server speaks TLS 1.1 and older only',
    expects: expecting('tls', 'tls-version.legacy-only'),
    change: { versions: 'legacy-only' },
  },
  'tls-outdated': {
    title: 'the TLS server also speaks TLS 1.0 and 1.1',
    expects: expecting('tls', 'tls-version.outdated', 'info'),
    change: { versions: 'legacy-too' },
    look: { command: 'tls', asks: 'versions' },
  },
  'client-cert-required': {
    title: 'the TLS server demands a client certificate',
    expects: expecting('tls', 'client-cert.required'),
    change: { clients: 'certified' },
  },
  'client-cert-rejected': {
    title: 'the TLS server refuses the certificate of the client (alert 42)',
    expects: expecting('tls', 'client-cert.rejected'),
    change: { clients: 'refused', client: 'fitting' },
  },
  'client-cert-requested': {
    title: 'the TLS server asks for a client certificate and goes on without one',
    expects: expecting('tls', 'client-cert.requested', 'info'),
    change: { clients: 'asked' },
  },
  'client-cert-expired': showing('the certificate of the client expired three days ago', ['expired', 'expired']),
  'client-cert-not-yet-valid': showing('the certificate of the client becomes valid in two days', [
    'not-yet-valid',
    'not-yet-valid',
  ]),
  'client-cert-server-only': showing('the certificate of the client may be used by servers only', [
    'server-only',
    'client-auth-missing',
  ]),
  'client-cert-not-requested': {
    title: 'the client has a certificate, and the TLS server asks for none',
    expects: expecting('tls', 'client-cert.not-requested', 'info'),
    change: { client: 'fitting' },
  },
  'client-cert-not-listed': showing(
    'the certificate of the client comes from an authority that the TLS server does not name',
    ['stranger', 'not-listed'],
  ),
  'tls-by-address-other-certificate': {
    title: 'without a server name, the TLS server shows the certificate of another host',
    expects: expecting('tls', 'tls-by-address.other-certificate', 'info'),
    change: { nameless: 'other-certificate' },
    look: { command: 'tls' },
    also: [{ findingId: 'matrix.by-name-only', look: { command: 'signin' } }],
  },
  'tls-by-address-refused': {
    title: 'without a server name, the TLS server refuses the handshake',
    expects: expecting('tls', 'tls-by-address.refused', 'info'),
    change: { nameless: 'refused' },
    look: { command: 'tls' },
  },
} as const satisfies Readonly<Record<string, Fault>>;
