/** Configuration text for a Kamailio 5.6 that serves one domain: registrar, location, digest authentication, relaying. */
import { createHash } from 'node:crypto';

export type SipTransport = 'udp' | 'tcp' | 'tls';

export interface KamailioUser {
  user: string;
  password: string;
}

/** PEM files. */
export interface KamailioTls {
  /** The server's certificate, followed by intermediates as they shall be sent. */
  certFile: string;
  keyFile: string;
  /** Roots that client certificates are judged by, and whose names the server sends. */
  caFile?: string;
  /** 'no' (default): not asked for; 'asked': asked for and judged when sent; 'required': the handshake fails without. */
  clientCert?: 'no' | 'asked' | 'required';
  /** Kamailio's tls_method; default 'TLSv1.2+'. 'TLSv1.2', 'TLSv1.3', 'TLSv1' mean this one alone. */
  method?: string;
  /** OpenSSL cipher string, for example 'DEFAULT@SECLEVEL=0', which weak keys need. */
  ciphers?: string;
}

export interface KamailioSettings {
  /** The address to listen on, IPv6 without brackets. */
  address: string;
  /** The SIP domain that is served; also the digest realm. */
  domain: string;
  users: KamailioUser[];
  transports: SipTransport[];
  /** Needed when `transports` has 'tls'. */
  tls?: KamailioTls;
  /** Default MD5 (RFC 3261 section 22); SHA-256 as in RFC 8760. */
  algorithm?: 'MD5' | 'SHA-256';
  /** Default 'auth'; 'none' leaves qop out of the challenge as RFC 2069 servers do. */
  qop?: 'auth' | 'none';
  /** How REGISTER for a user that does not exist is answered: before any challenge (404, 403) or, default, 404. */
  unknownUser?: 404 | 403 | 'challenge';
  /** Lines after the modules: loadmodule, modparam, global parameters, further routes. A later modparam wins. */
  extraConfig?: string;
  /** Statements that run first for each request, before the ordinary ones; `exit;` ends the work on it. */
  requestPrelude?: string;
}

export interface KamailioPlaces {
  /** Ports by transport. */
  ports: Record<SipTransport, number>;
  controlSocket: string;
  tlsConfig: string;
}

const MODULES = [
  'ctl corex kex tm tmx sl pv xlog siputils textops textopsx',
  'maxfwd rr usrloc registrar auth htable nathelper',
];

/** Text between double quotes in Kamailio's language. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** HA1 of RFC 7616 section 3.4.2, so that no password passes through the configuration language. */
function digestSecret(settings: KamailioSettings, { user, password }: KamailioUser): string {
  const hash = createHash(settings.algorithm === 'SHA-256' ? 'sha256' : 'md5');
  return hash.update(`${user}:${settings.domain}:${password}`).digest('hex');
}

function listenLines({ address, transports }: KamailioSettings, { ports }: KamailioPlaces): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const lines = transports.map((transport) => `listen=${transport}:${host}:${ports[transport]}`);
  if (!transports.some((transport) => transport !== 'udp')) lines.push('disable_tcp=yes');
  if (transports.includes('tls')) lines.push('enable_tls=yes');
  return lines.join('\n');
}

function moduleLines(settings: KamailioSettings, places: KamailioPlaces): string {
  const names = MODULES.flatMap((line) => line.split(' '));
  const loads = (settings.transports.includes('tls') ? [...names, 'tls'] : names).map(
    (name) => `loadmodule "${name}.so"`,
  );
  const tls = settings.transports.includes('tls') ? [`modparam("tls", "config", ${quoted(places.tlsConfig)})`] : [];
  return [
    ...loads,
    `modparam("ctl", "binrpc", ${quoted(`unix:${places.controlSocket}`)})`,
    'modparam("usrloc", "db_mode", 0)',
    'modparam("usrloc", "use_domain", 1)',
    'modparam("registrar", "max_contacts", 10)',
    'modparam("htable", "htable", "users=>size=6;")',
    `modparam("auth", "algorithm", "${settings.algorithm ?? 'MD5'}")`,
    ...tls,
  ].join('\n');
}

function unknownUserLines({ unknownUser = 404 }: KamailioSettings): string {
  if (unknownUser === 'challenge') return '';
  const reason = unknownUser === 404 ? 'User Not Found' : 'Forbidden';
  return `if ($sht(users=>$tU) == $null) { sl_send_reply("${unknownUser}", "${reason}"); exit; }`;
}

function registrarRoute(settings: KamailioSettings): string {
  const realm = quoted(settings.domain);
  return `route[REGISTRAR] {
  if ($td != ${realm}) { sl_send_reply("404", "Domain Not Served"); exit; }
  ${unknownUserLines(settings)}
  $var(known) = 0;
  if ($sht(users=>$au) != $null) {
    if (pv_auth_check(${realm}, "$sht(users=>$au)", "1", "0")) { $var(known) = 1; }
  }
  if ($var(known) == 0) { auth_challenge(${realm}, "${settings.qop === 'none' ? 0 : 1}"); exit; }
  if ($au != $tU) { sl_send_reply("403", "Forbidden"); exit; }
  consume_credentials();
  if (!save("location")) { sl_reply_error(); }
  exit;
}`;
}

/** The user's calls and messages go to where the user has registered; nothing is relayed to other domains. */
function requestRoute(settings: KamailioSettings): string {
  return `request_route {
  xlog("L_INFO", "request $proto $rm $ru from $si:$sp\\n");
  ${settings.requestPrelude ?? ''}
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("ACK") && !t_check_trans() && uri == myself && !lookup("location")) { exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
  if (uri != myself) { if (!is_method("ACK")) { sl_send_reply("404", "Domain Not Served"); } exit; }
  if (is_method("REGISTER")) { route(REGISTRAR); }
  if (is_method("OPTIONS") && $rU == $null) { sl_send_reply("200", "OK"); exit; }
  if ($rU == $null || $sht(users=>$rU) == $null) { sl_send_reply("404", "User Not Found"); exit; }
  if (!lookup("location")) { sl_send_reply("480", "Temporarily Unavailable"); exit; }
  if (!t_relay()) { sl_reply_error(); }
  exit;
}`;
}

/** The main configuration file. Throws Error when TLS is asked for without a certificate. */
export function kamailioConfig(settings: KamailioSettings, places: KamailioPlaces): string {
  if (settings.transports.includes('tls') && settings.tls === undefined) throw new Error('TLS needs a certificate');
  const users = settings.users.map((user) => `  $sht(users=>${user.user}) = ${quoted(digestSecret(settings, user))};`);
  return [
    '#!KAMAILIO',
    'debug=2\nlog_stderror=yes\nchildren=1\ntcp_children=2\nauto_aliases=no\ndns=no\nrev_dns=no',
    'tcp_connection_lifetime=3605\ntcp_accept_no_cl=yes\nserver_signature=yes',
    `alias=${quoted(settings.domain)}`,
    listenLines(settings, places),
    moduleLines(settings, places),
    settings.extraConfig ?? '',
    requestRoute(settings),
    registrarRoute(settings),
    // A route without any statement is a syntax error, and there may be no user.
    `event_route[htable:mod-init] {\n  xlog("L_INFO", "users\\n");\n${users.join('\n')}\n}\n`,
  ].join('\n');
}

/** The file that the tls module reads: one server profile for all addresses. */
export function kamailioTlsConfig(tls: KamailioTls): string {
  const clientCert = tls.clientCert ?? 'no';
  return [
    '[server:default]',
    `method = ${tls.method ?? 'TLSv1.2+'}`,
    `certificate = ${tls.certFile}`,
    `private_key = ${tls.keyFile}`,
    ...(tls.caFile === undefined ? [] : [`ca_list = ${tls.caFile}`]),
    ...(tls.ciphers === undefined ? [] : [`cipher_list = ${tls.ciphers}`]),
    `verify_certificate = ${clientCert === 'no' ? 'no' : 'yes'}`,
    `require_certificate = ${clientCert === 'required' ? 'yes' : 'no'}`,
    '[client:default]',
    'verify_certificate = no',
    'require_certificate = no',
    '',
  ].join('\n');
}
