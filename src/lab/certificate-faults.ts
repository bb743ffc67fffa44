import type { Severity } from '../model.ts';
import type { CertificateFlaw } from './certificates.ts';
import { expecting, type Fault, type LabPlan } from './plan.ts';

const flawed = (
  title: string,
  [certificate, findingId, severity]: readonly [CertificateFlaw, string, Severity?],
): Fault => ({ title, expects: expecting('certificate', findingId, severity), change: { certificate } });

const toldBy = (
  title: string,
  responder: LabPlan['responder'],
  [findingId, severity]: readonly [string, Severity?],
): Fault => ({
  title,
  expects: expecting('certificate', findingId, severity),
  change: { responder },
  look: { asks: 'revocation' },
});
const stapled = (
  title: string,
  staple: LabPlan['staple'],
  [findingId, severity]: readonly [string, Severity?],
): Fault => ({ title, expects: expecting('certificate', findingId, severity), change: { staple } });

/** What can be wrong with the certificate and its chain. */
export const CERTIFICATE_FAULTS = {
  'cert-expired': flawed('the certificate expired three days ago', ['expired', 'cert-dates.expired']),
  'cert-not-yet-valid': flawed('the certificate becomes valid in two days', [
    'not-yet-valid',
    'cert-dates.not-yet-valid',
  ]),
  'cert-expiring': flawed('the certificate expires in ten days', ['expiring', 'cert-dates.expiring', 'warning']),
  'cert-wrong-name': flawed('the certificate is for another host and domain', ['wrong-name', 'cert-name.mismatch']),
  'cert-host-only': flawed('the certificate names the host and not the SIP domain', [
    'host-only',
    'cert-name.host-only',
    'info',
  ]),
  'cert-name-relaxed': {
    title: 'the certificate names another host of the domain, and a policy of the clients lets it pass',
    expects: expecting('certificate', 'cert-name.relaxed', 'info'),
    change: { zone: 'microsoft-only', certificate: 'other-host', setup: 'relaxed-naming' },
    look: { profile: 'lync' },
  },
  'cert-wildcard': flawed('the certificate names the host by a wildcard only', [
    'wildcard',
    'cert-name.wildcard',
    'warning',
  ]),
  'cert-cn-only': flawed('the certificate has its name in the common name only', [
    'cn-only',
    'cert-name.cn-only',
    'warning',
  ]),
  'cert-untrusted-root': flawed('the certificate comes from an authority that nobody trusts', [
    'untrusted-root',
    'cert-chain.untrusted-root',
  ]),
  'cert-self-signed': flawed('the certificate is signed with its own key', ['self-signed', 'cert-chain.self-signed']),
  'cert-intermediate-missing': flawed('the server does not send the intermediate certificate', [
    'intermediate-missing',
    'cert-chain.intermediate-missing',
  ]),
  'cert-chain-invalid': flawed('the certificate was issued by one that is no authority', [
    'issuer-no-authority',
    'cert-chain.invalid',
  ]),
  'cert-chain-order': flawed('the server sends the certificates in the wrong order', [
    'disordered',
    'cert-chain.order',
    'warning',
  ]),
  'cert-chain-too-long': flawed('the server sends its intermediate certificate forty times', [
    'repeated',
    'cert-chain.too-long',
    'warning',
  ]),
  'cert-server-auth-missing': flawed('the certificate may be used by clients only', [
    'server-auth-missing',
    'cert-eku.server-auth-missing',
  ]),
  'cert-client-auth-missing': flawed('the certificate may be used by servers only', [
    'client-auth-missing',
    'cert-eku.client-auth-missing',
    'info',
  ]),
  'cert-eku-any': flawed('the certificate is for any use, and names none', ['any-usage', 'cert-eku.any', 'info']),
  'cert-eku-sip-domain': flawed('the certificate is marked for SIP domains', [
    'sip-domain',
    'cert-eku.sip-domain',
    'info',
  ]),
  'cert-eku-absent': flawed('the certificate does not say what it is for', ['no-usage', 'cert-eku.absent', 'info']),
  'cert-key-usage': flawed('the key of the certificate may not be used for TLS', ['key-usage', 'cert-eku.key-usage']),
  'cert-key-exchange-only': flawed('the key of the certificate may not sign', [
    'key-exchange-only',
    'cert-eku.key-exchange-only',
    'warning',
  ]),
  'cert-key-small': flawed('the key of the certificate is too small (RSA 1024)', ['small-key', 'cert-key.small']),
  'cert-signature-weak': flawed('the certificate is signed with SHA-1', ['sha1', 'cert-signature.weak']),
  'cert-version-1': flawed('the certificate is of X.509 version 1', ['version-1', 'cert-version.not-v3', 'warning']),
  'cert-unreadable': flawed('the certificate is of X.509 version 4, which there is not', [
    'version-4',
    'cert-chain.unreadable',
  ]),
  'cert-revoked': toldBy('the OCSP responder says that the certificate is revoked', 'revoked', ['revocation.revoked']),
  'cert-revocation-unknown': toldBy('the OCSP responder does not know the certificate', 'unknown', [
    'revocation.unknown',
    'warning',
  ]),
  'cert-revocation-unreachable': toldBy('nothing listens where the OCSP responder should be', 'unreachable', [
    'revocation.unreachable',
    'warning',
  ]),
  'cert-revocation-by-ldap': toldBy('the certificate names a revocation list in a directory', 'directory', [
    'revocation.not-asked',
    'info',
  ]),
  'staple-revoked': stapled('the OCSP response in the handshake says that the certificate is revoked', 'revoked', [
    'ocsp-staple.revoked',
  ]),
  'staple-stale': stapled('the OCSP response in the handshake has run out', 'stale', ['ocsp-staple.stale', 'warning']),
  'staple-unusable': stapled('the OCSP response in the handshake is about another certificate', 'other', [
    'ocsp-staple.unusable',
    'warning',
  ]),
  'staple-unknown': stapled('the OCSP response in the handshake does not know the certificate', 'unknown', [
    'ocsp-staple.unknown',
    'warning',
  ]),
  'staple-missing': stapled('the certificate demands an OCSP response in the handshake, and none comes', 'demanded', [
    'ocsp-staple.missing',
    'warning',
  ]),
} as const satisfies Readonly<Record<string, Fault>>;
