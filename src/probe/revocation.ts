import type { RevocationObservation, RevocationSeen, TlsObservation } from '../model/tls.ts';
import { type Certificate, readCertificate } from '../pki/certificate.ts';
import { checkRevocation, readCrl } from '../pki/crl.ts';
import { understandScope } from '../pki/crl-scope.ts';
import { sameBytes } from '../pki/der-primitives.ts';
import { buildOcspRequest, type Issued, readOcspResponse } from '../pki/ocsp.ts';
import { checkSignature } from '../pki/signature.ts';
import { buildHttpRequest, type HttpResponse } from '../wire/http.ts';
import { receiveHttp } from './http-answer.ts';
import { attempt, failureOf, offsetMs, leftOf, sideBySide, waitOf, type ProbeContext } from './context.ts';
import { mayLeadTo } from './own-place.ts';

/** Questions of one run; a chain of practice asks three or four. */
const MAX_QUESTIONS = 16;
const MAX_URLS = 4;
const MAX_CERTIFICATES = 16;
const SIDE_BY_SIDE = 4;
/** Lists of large authorities have a megabyte or two. */
const MAX_BODY = 8 * 1024 * 1024;
const HTTP_PORT = 80;

interface Question extends Issued {
  method: 'ocsp' | 'crl';
  url: string;
  about: TlsObservation['about'];
}

function readAll(list: readonly string[]): Certificate[] {
  return list.slice(0, MAX_CERTIFICATES).flatMap((base64) => {
    try {
      return [readCertificate(Buffer.from(base64, 'base64'))];
    } catch (error) {
      // The checks tell of a certificate that cannot be read; a fault of our own goes on from here.
      failureOf(error);
      return [];
    }
  });
}

/** Every certificate of the chain with its issuer; a root vouches for itself and is on no list. */
function issuedIn({ outcome }: TlsObservation): Issued[] {
  if (!outcome.ok) return [];
  const chain = readAll(outcome.value.chain);
  const all = [...chain, ...readAll(outcome.value.trustAnchors)];
  return chain.flatMap((certificate) => {
    if (certificate.selfIssued) return [];
    const issuer = all.find(
      (one) =>
        sameBytes(one.subject.der, certificate.issuer.der) && checkSignature(certificate, one.publicKey) === 'good',
    );
    return issuer === undefined ? [] : [{ certificate, issuer }];
  });
}

function questionsOf(tls: readonly TlsObservation[]): Question[] {
  const questions = tls.flatMap((one) =>
    issuedIn(one).flatMap((issued): Question[] => [
      ...issued.certificate.ocspUrls
        .slice(0, MAX_URLS)
        .map((url) => ({ ...issued, method: 'ocsp' as const, url, about: one.about })),
      ...issued.certificate.crlUrls
        .slice(0, MAX_URLS)
        .map((url) => ({ ...issued, method: 'crl' as const, url, about: one.about })),
    ]),
  );
  const distinct = new Map(questions.map((one) => [`${one.method} ${one.url} ${one.certificate.fingerprint256}`, one]));
  return [...distinct.values()].slice(0, MAX_QUESTIONS);
}

/** What a stranger's certificate names is asked like any web server, but never a service of this machine itself. */
async function addressOf(context: ProbeContext, { hostname }: URL, about: TlsObservation['about']): Promise<string> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  const isLiteral = /^[\d.]+$/.test(bare) || bare.includes(':');
  const addresses = isLiteral ? [bare] : await context.world.net.systemLookup(bare, waitOf(context));
  const address = addresses.find((one) => mayLeadTo(one, about.address));
  if (address === undefined)
    throw Object.assign(new Error(`no address to ask for ${bare}`), { name: 'NetError', code: 'address' });
  return address;
}

async function fetchOver(context: ProbeContext, question: Question): Promise<HttpResponse> {
  const from = context.world.now();
  const url = new URL(question.url);
  const address = await addressOf(context, url, question.about);
  const port = url.port === '' ? HTTP_PORT : Number(url.port);
  const body = question.method === 'ocsp' ? buildOcspRequest(question) : undefined;
  const request = buildHttpRequest({
    method: body === undefined ? 'GET' : 'POST',
    host: url.host,
    path: `${url.pathname}${url.search}`,
    ...(body === undefined ? {} : { contentType: 'application/ocsp-request', body }),
  });
  const stream = await context.world.net.connect({ address, port }, waitOf(leftOf(context, from)));
  try {
    await stream.send(request, waitOf(leftOf(context, from)));
    return await receiveHttp(leftOf(context, from), stream, MAX_BODY);
  } finally {
    stream.close();
  }
}

function readList(body: Uint8Array, question: Question): Omit<RevocationSeen, 'httpStatus' | 'octets'> {
  const { certificate, url, about } = question;
  const crl = understandScope(readCrl(body), { certificate, url });
  const times = { thisUpdate: crl.thisUpdate, ...(crl.nextUpdate === undefined ? {} : { nextUpdate: crl.nextUpdate }) };
  const found = checkRevocation([crl], question, about.judgeAt);
  if (found.result === 'not-revoked') return { status: 'good', detail: 'not on the list', ...times };
  if (!('detail' in found)) return { status: 'unusable', detail: 'the list is that of another issuer', ...times };
  return { status: found.result === 'revoked' ? 'revoked' : 'unusable', detail: found.detail, ...times };
}

/** What the octets say; an answer that breaks its rules is an answer all the same, and proves that the address is reachable. */
function readAnswer({ status, body }: HttpResponse, question: Question): RevocationSeen {
  const seen = { httpStatus: status, octets: body.length };
  if (status !== 200) return { ...seen, status: 'unusable', detail: `HTTP status ${status}` };
  try {
    if (question.method === 'crl') return { ...seen, ...readList(body, question) };
    const answer = readOcspResponse(body, question, question.about.judgeAt);
    return { ...seen, detail: `the responder says ${answer.status}`, ...answer };
  } catch (error) {
    return { ...seen, status: 'unusable', detail: failureOf(error).detail };
  }
}

async function ask(context: ProbeContext, question: Question): Promise<RevocationObservation> {
  const { method, url, certificate, about } = question;
  const at = offsetMs(context);
  const plain = /^http:\/\//i.test(url) && URL.canParse(url);
  const outcome = plain
    ? await attempt(context, async () => readAnswer(await fetchOver(context, question), question))
    : ({ ok: false, reason: 'other', detail: 'only addresses with http:// are asked', ms: 0 } as const);
  return {
    kind: 'revocation',
    subject: `${method.toUpperCase()} ${url.slice(0, 512)}`,
    at,
    about: {
      method,
      url: url.slice(0, 512),
      certificate: certificate.subject.text.slice(0, 256),
      serial: certificate.serial,
      host: about.host,
    },
    outcome,
  };
}

/** Asks every OCSP responder and fetches every revocation list that the certificates of the chains name. */
export function probeRevocation(
  context: ProbeContext,
  tls: readonly TlsObservation[],
): Promise<RevocationObservation[]> {
  return sideBySide(questionsOf(tls), SIDE_BY_SIDE, (question) => ask(context, question));
}
