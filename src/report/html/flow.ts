import type { Report } from '../../model.ts';
import type { SipObservation } from '../../model/sip.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { timeText } from './words.ts';

/** Connections and messages that are drawn. */
const MAX_CONNECTIONS = 24;
const MAX_MESSAGES = 60;

interface Message {
  at: number;
  way: 'sent' | 'received' | 'lost';
  tone: string;
  title: string;
  detail: string;
}

const STEPS = { 'sign-in': 'with credentials', 'sign-out': 'takes the Contact back' } as const;

const timesText = (tries: number): string => (tries > 1 ? `sent ${tries} times` : '');

function requestOf({ at, about, outcome }: SipObservation): Message {
  const { method, requestUri, step } = about;
  const notes = [step === undefined ? '' : STEPS[step], outcome.ok ? timesText(outcome.value.tries) : ''].filter(
    (note) => note !== '',
  );
  const detail = notes.length === 0 ? requestUri : `${requestUri}, ${notes.join(', ')}`;
  return { at, way: 'sent', tone: 'faint', title: method, detail };
}

/** An answer that asks for the password is as good as one that says yes. */
function answerOf({ at, about, outcome }: SipObservation): Message {
  const { method } = about;
  const end = at + outcome.ms;
  if (!outcome.ok)
    return { at: end, way: 'lost', tone: 'bad', title: outcome.reason, detail: `${method}: ${outcome.detail}` };
  const { status, reason } = outcome.value;
  const asks = status === 401 || status === 407;
  const tone = status < 300 ? 'good' : asks ? 'unsure' : status < 400 ? 'caution' : 'bad';
  return { at: end, way: 'received', tone, title: `${status} ${reason}`, detail: method };
}

const ARROWS: Readonly<Record<Message['way'], Markup>> = {
  sent: markup`<svg aria-hidden="true"><line x1="0" x2="100%" y1="6" y2="6"></line><svg x="100%" overflow="visible"><path d="M0 6l-9-5v10z"></path></svg></svg>`,
  received: markup`<svg aria-hidden="true"><line x1="0" x2="100%" y1="6" y2="6"></line><path d="M0 6l9-5v10z"></path></svg>`,
  lost: markup`<svg aria-hidden="true"><line x1="0" x2="62%" y1="6" y2="6"></line><svg x="62%" overflow="visible"><path class="cross" d="M-5 1l10 10M5 1l-10 10"></path></svg></svg>`,
};

const WAY_WORDS: Readonly<Record<Message['way'], string>> = { sent: 'sent', received: 'received', lost: 'no answer' };

function drawMessage({ at, way, tone, title, detail }: Message): Markup {
  const text =
    way === 'received'
      ? markup`<b>${title}</b> <span class="soft">(${detail})</span>`
      : markup`<b>${title}</b> <span class="soft">${detail}</span>`;
  return markup`<li class="message ${tone} ${way}"><span class="time">${timeText(at)}</span><div class="lane" role="group" aria-label="${WAY_WORDS[way]}"><span class="label">${text}</span>${ARROWS[way]}</div></li>
`;
}

function drawConnection([first, ...rest]: readonly SipObservation[]): Markup {
  if (first === undefined) return nothing;
  const { transport, host, address, port } = first.about;
  const all = [first, ...rest];
  const messages = all.flatMap((one) => [requestOf(one), answerOf(one)]).toSorted((a, b) => a.at - b.at);
  const local = all.flatMap(({ outcome }) => (outcome.ok ? outcome.value.local : []))[0] ?? 'this machine';
  const endpoint = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const left = messages.length - MAX_MESSAGES;
  const more = left > 0 ? markup`<p class="soft">and ${left} more, in the JSON report</p>` : nothing;
  return markup`<figure class="flow card"><figcaption>${transport.toUpperCase()} to ${host} <span class="soft mono">${host === address ? `port ${port}` : endpoint}</span></figcaption>
<div class="posts"><span>sipdiag<br><span class="mono">${local}</span></span><span>server<br><span class="mono">${endpoint}</span></span></div>
<ol>
${messages.slice(0, MAX_MESSAGES).map(drawMessage)}</ol>${more}</figure>
`;
}

/** Every SIP request and its answer, one picture for each connection; times count from the start of the run. */
export function drawFlow({ observations }: Report): Markup {
  const connections = new Map<string, SipObservation[]>();
  for (const one of observations) {
    if (one.kind !== 'sip') continue;
    const { transport, host, address, port } = one.about;
    const key = `${transport} ${host} ${address} ${port}`;
    connections.set(key, [...(connections.get(key) ?? []), one]);
  }
  if (connections.size === 0) return nothing;
  return markup`<div class="flows">${[...connections.values()].slice(0, MAX_CONNECTIONS).map(drawConnection)}</div>`;
}
