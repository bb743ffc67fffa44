import { expecting, type Fault, type LabPlan } from './plan.ts';

/** What the agent on the far side sees of the media ports. */
const fromOutside = (title: string, name: string, inboundUdp: LabPlan['inboundUdp']): Fault => ({
  title,
  expects: expecting('media', `media-port.${name}`),
  change: { agent: 'serves', inboundUdp },
});

/** What the STUN server sees of the way to it. */
const seenByStun = (
  title: string,
  [findingId, severity]: readonly [string, 'warning' | 'info'],
  stun: LabPlan['stun'],
): Fault => ({ title, expects: expecting('media', findingId, severity), change: { stun } });

/** What can be wrong with the way of audio and video to the client. */
export const MEDIA_FAULTS = {
  'media-blocked': fromOutside('a firewall drops UDP to the media ports of the client', 'blocked', 'dropped'),
  'media-partial': fromOutside('a firewall lets UDP in to the even media ports only', 'partial', 'even-only'),
  'media-refused': fromOutside('a firewall rejects UDP to the media ports of the client', 'refused', 'refused'),
  'media-redirected': fromOutside('a NAT forwards the media ports to another machine', 'no-echo', 'redirected'),
  'nat-mapping-by-address': seenByStun(
    'a NAT gives the client another port for each far side',
    ['nat-mapping.address-dependent', 'warning'],
    'mapping-by-address',
  ),
  'nat-filtering-by-address': seenByStun(
    'a firewall lets UDP in from addresses only to which the client has sent',
    ['nat-filtering.address-dependent', 'info'],
    'filtering-by-address',
  ),
  'nat-filtering-by-port': seenByStun(
    'a firewall lets UDP in from addresses and ports only to which the client has sent',
    ['nat-filtering.address-and-port-dependent', 'info'],
    'filtering-by-port',
  ),
} as const satisfies Readonly<Record<string, Fault>>;
