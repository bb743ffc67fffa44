import type { RedirectObservation, SipObservation } from '../model/sip.ts';
import { explainAnswer } from './explained/explain-answer.ts';
import type { RedirectEvidence, RedirectStop } from './registration-redirect-cases.ts';
import { targetsOf } from './registration-reading.ts';

const isTaken = (status: number): boolean => status < 300 || status === 401 || status === 407;

function answerOf({ outcome }: RedirectObservation): string {
  if (!outcome.ok) return outcome.detail === '' ? outcome.reason : outcome.detail;
  const { status, reason, doubt } = outcome.value;
  return doubt === undefined ? `${status} ${reason}`.trim() : `it does not prove who it is: ${doubt}`;
}

const stopOf = (one: RedirectObservation): RedirectStop => ({
  target: one.about.target,
  server: one.about.server ?? null,
  answer: answerOf(one),
});

/** What was followed from these answers on, in turn: another way of the run may have been the one to follow. */
export function followedFrom(
  answers: readonly SipObservation[],
  redirect: readonly RedirectObservation[],
): RedirectObservation[] {
  const targets = new Set(answers.flatMap(targetsOf));
  return redirect.filter(({ about }) => targets.has(about.first));
}

/** Which case it is, by where the last step ended. */
export function redirectCase(followed: readonly RedirectObservation[]): keyof RedirectEvidence {
  const last = followed.at(-1);
  if (last === undefined) return 'redirected';
  if (last.about.ended !== undefined) return 'redirect-loop';
  const { outcome } = last;
  if (!outcome.ok || outcome.value.doubt !== undefined) return 'redirect-dead';
  return isTaken(outcome.value.status) ? 'redirected' : 'redirect-refused';
}

/** Explanations that a sentence can carry. */
const MAX_SAID = 2;

/** The evidence that following gives. */
export function redirectSeen(
  answers: readonly SipObservation[],
  followed: readonly RedirectObservation[],
  profile: string,
): Pick<RedirectEvidence['redirected'], 'targets' | 'stops' | 'clients'> & { said?: string[] } {
  const [first] = answers;
  const headers = first?.outcome.ok === true ? first.outcome.value.headers : {};
  const server = Object.hasOwn(headers, 'server') ? (headers['server'] ?? []) : [];
  const last = followed.at(-1)?.outcome;
  const said =
    last?.ok === true
      ? {
          said: explainAnswer(last.value.headers)
            .slice(0, MAX_SAID)
            .map(({ what, meaning }) => `${what}: ${meaning}`),
        }
      : {};
  return {
    targets: first === undefined ? [] : targetsOf(first),
    stops: followed.map(stopOf),
    clients: profile !== 'rfc3263' || server.some((text) => /^RTC\//i.test(text)) ? 'microsoft' : 'any',
    ...said,
  };
}
