// A root, an intermediate and a P-256 certificate, as public authorities issue them: made by openssl in a folder of their own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const AUTHORITY = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];

/** Paths of the chain (`cert`), its `key` and the `root`; `file` names further files of the folder, `remove` ends it. */
export function createCertificates(host, domain = host) {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-bench-'));
  const file = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl('req', '-x509', ...KEY, '-keyout', 'root.key', '-out', 'root.pem', '-days', '90', '-subj', '/CN=bench root');
  const issue = (name, issuer, rest) => {
    openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, ...rest);
    const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-copy_extensions', 'copyall'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, '-days', '90');
  };
  issue('middle', 'root', AUTHORITY);
  const names = `subjectAltName=DNS:${host},DNS:${domain},URI:sip:${domain}`;
  issue(host, 'middle', ['-addext', names, '-addext', 'extendedKeyUsage=serverAuth,clientAuth']);
  writeFileSync(
    file('chain.pem'),
    readFileSync(file(`${host}.pem`), 'utf8') + readFileSync(file('middle.pem'), 'utf8'),
  );
  return {
    cert: file('chain.pem'),
    key: file(`${host}.key`),
    root: file('root.pem'),
    file,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
