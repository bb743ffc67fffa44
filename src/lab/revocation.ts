import { createServer } from 'node:http';
import type { Endpoint } from '../world.ts';
import type { CertificateFields } from './certificate-der.ts';
import type { LabIssued } from './certificates.ts';
import { listenTcp } from './listener.ts';
import { buildOcspResponse, type OcspWord } from './ocsp-response.ts';
import { closedPort, type Rack } from './rack.ts';

/**
 * Where the certificate sends clients that ask whether it was revoked: nowhere; to a responder that says so, or that does not know
 * the certificate; to a port where nothing listens; or to a directory, which few can ask.
 */
export type Responder = 'unnamed' | 'revoked' | 'unknown' | 'unreachable' | 'directory';

/** Which OCSP response comes with the handshake; 'demanded': none, though the certificate demands one. */
export type Staple = 'none' | 'demanded' | 'revoked' | 'unknown' | 'stale' | 'other';

const DAY_MS = 86_400_000;

type Places = Pick<CertificateFields, 'ocspUrl' | 'crlUrl' | 'mustStaple'>;

interface Revocation {
  /** What the certificate says about it. */
  places: Places;
  /** To be called when there is a certificate to speak of. */
  speakOf(issued: LabIssued | undefined): void;
}

const wordOf = (status: OcspWord['status'], now: number): OcspWord => ({
  status,
  from: now - DAY_MS,
  until: now + DAY_MS,
});

/** Starts the responder, where there is one. */
export async function startRevocation(
  rack: Rack,
  at: Endpoint,
  { responder, staple, now }: { responder: Responder; staple: Staple; now: number },
): Promise<Revocation> {
  const demands = staple === 'demanded' ? { mustStaple: 'yes' as const } : {};
  if (responder === 'unnamed') return { places: demands, speakOf: () => undefined };
  if (responder === 'directory') {
    const crlUrl = 'ldap:///CN=sipdiag%20lab?certificateRevocationList';
    return { places: { ...demands, crlUrl }, speakOf: () => undefined };
  }
  let answer: Uint8Array = new Uint8Array(0);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/ocsp-response' }).end(answer);
  });
  const { address, port } = await rack.add(responder === 'unreachable' ? closedPort(at) : listenTcp(server, at));
  const status = responder === 'revoked' ? 'revoked' : 'unknown';
  return {
    places: { ...demands, ocspUrl: `http://${address}:${port}/` },
    speakOf: (issued) => {
      if (issued !== undefined) answer = buildOcspResponse(issued, issued.key, wordOf(status, now));
    },
  };
}

/** The response that the TLS server staples to its handshakes; undefined: none. */
export function stapleFor(staple: Staple, issued: LabIssued | undefined, now: number): Uint8Array | undefined {
  if (issued === undefined || staple === 'none' || staple === 'demanded') return undefined;
  if (staple === 'stale') {
    return buildOcspResponse(issued, issued.key, { status: 'good', from: now - 10 * DAY_MS, until: now - 3 * DAY_MS });
  }
  // Of the certificate before: a response that was not fetched anew when the certificate was.
  const about = staple === 'other' ? { ...issued, certificate: issued.issuer } : issued;
  return buildOcspResponse(about, issued.key, wordOf(staple === 'other' ? 'good' : staple, now));
}
