// Real servers: BIND with a zone, of many domains too, and nginx with a certificate, on one address or on all of loopback.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isInstalled } from './measure.mjs';

export const ZONE = 'bulk.example';
const READY_TRIES = 300;
/** Where AppArmor confines named, this is the folder that Debian's profile lets it use. */
const CONFINED = '/var/cache/bind';

async function until(ready, child, what) {
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    if (child.exitCode !== null) break;
    try {
      execFileSync(ready[0], ready.slice(1), { stdio: 'ignore' });
      return;
    } catch {
      await pause(50);
    }
  }
  child.kill();
  throw new Error(`${what} has not come up`);
}

function folderFor(name, parent = tmpdir()) {
  const path = mkdtempSync(join(parent, `sipdiag-bench-${name}-`));
  chmodSync(path, 0o755);
  return path;
}

async function serve(command, { folder, ready, what }) {
  // It ends with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'close');
  await until(ready, child, what);
  return async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

const headOf = (address) => ['$TTL 60', '@ SOA ns hostmaster 1 3600 600 86400 60', '@ NS ns', `ns A ${address}`];
const domainLines = (at) => [
  ...['_sips._tcp', '_sip._tcp', '_sip._udp'].map(
    (name) => `${name}.t${at} SRV 0 0 ${name.startsWith('_sips') ? 5061 : 5060} sip.t${at}`,
  ),
  `sip.t${at} A 192.0.2.10`,
];

function configOf(folder, { address, port, zone }) {
  const options = {
    directory: `"${folder}"`,
    'listen-on': `port ${port} { ${address}; }`,
    'listen-on-v6': '{ none; }',
    'pid-file': 'none',
    'session-keyfile': 'none',
    'empty-zones-enable': 'no',
    'dnssec-validation': 'no',
    recursion: 'no',
    querylog: 'no',
  };
  const lines = Object.entries(options).map(([name, value]) => `${name} ${value};`);
  return `options { ${lines.join(' ')} };\ncontrols { };\nzone "${zone}" { type primary; file "zone"; };\n`;
}

/** BIND with one zone of these `lines`; gives the function that ends it. */
export async function startBind({ address, port, zone, lines }) {
  const folder = folderFor('dns', existsSync('/sys/module/apparmor') && existsSync(CONFINED) ? CONFINED : tmpdir());
  writeFileSync(join(folder, 'zone'), [...headOf(address), ...lines, ''].join('\n'));
  writeFileSync(join(folder, 'named.conf'), configOf(folder, { address, port, zone }));
  const ready = ['dig', `@${address}`, '-p', String(port), '+tries=1', '+time=1', zone, 'SOA'];
  return serve(['named', '-f', '-n', '1', '-c', join(folder, 'named.conf')], { folder, ready, what: 'BIND' });
}

/** BIND on port 53 of an address, with `count` domains t0, t1, … below ZONE; gives the function that ends it. */
export const startBulkDns = (address, count) =>
  startBind({
    address,
    port: 53,
    zone: ZONE,
    lines: Array.from({ length: count }, (_, at) => domainLines(at)).flat(),
  });

/** nginx on a port of an address; gives the function that ends it, or undefined where nginx is not installed. */
export async function startNginx({ address, port, cert, key }) {
  if (!isInstalled('nginx')) return undefined;
  const folder = folderFor('tls');
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_timeout 0;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen ${address}:${port} ssl backlog=4096;
    ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_protocols TLSv1.2 TLSv1.3;
  }
}
`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const ready = ['openssl', 's_client', '-connect', `${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`];
  return serve(['nginx', '-c', join(folder, 'nginx.conf'), '-e', '/dev/null'], { folder, ready, what: 'nginx' });
}

/** nginx on a port of every loopback address. */
export const startBulkTls = (port, files) => startNginx({ address: '0.0.0.0', port, ...files });
