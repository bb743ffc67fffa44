import type * as farSide from '../../src/model/far-side.ts';
import type { Shape } from './schema-tables.ts';

const R = 'required' as const;
const O = 'optional' as const;

const rangeSeen: Shape<farSide.RangeSeen> = { ports: R, ephemeral: O };
const rangeAbout: Shape<farSide.RangeObservation['about']> = {
  use: R,
  transport: R,
  address: R,
  first: R,
  last: R,
  needed: R,
  source: R,
  from: O,
};
const witnessSeen: Shape<farSide.WitnessSeen> = { proves: R, cannot: R, software: O, unverified: O };
const witnessAbout: Shape<farSide.WitnessObservation['about']> = { witness: R, server: R, transport: O };
const reachSeen: Shape<farSide.ReachSeen> = {
  result: R,
  detail: R,
  from: O,
  proof: O,
  status: O,
  reason: O,
  diagnostics: O,
};
const reachAbout: Shape<farSide.ReachObservation['about']> = {
  witness: R,
  server: R,
  use: R,
  transport: R,
  address: R,
  port: R,
  connection: O,
  idleSeconds: O,
};
const mappedSeen: Shape<farSide.MappedSeen> = { local: R, seen: R };
const mappedAbout: Shape<farSide.MappedObservation['about']> = { witness: R, server: R, transport: R };
const natSeen: Shape<farSide.NatSeen> = { local: R, mapped: R, mapping: R, filtering: R, detail: R };
const natAbout: Shape<farSide.NatObservation['about']> = { server: R, alternate: O };
const mirrorSeen: Shape<farSide.MirrorSeen> = { changes: R };
const mirrorAbout: Shape<farSide.MirrorObservation['about']> = { witness: R, server: R, transport: R, port: R, way: R };
const rangePort: Shape<farSide.RangePort> = { port: R, state: R, detail: R };
const mirrorChange: Shape<farSide.MirrorSeen['changes'][number]> = { field: R, sent: R, arrived: R };

/** The definitions of what a witness on the far side says, by their name in the schema. */
export const FAR_SIDE_SHAPES = {
  rangeSeen,
  rangeAbout,
  witnessSeen,
  witnessAbout,
  reachSeen,
  reachAbout,
  mappedSeen,
  mappedAbout,
  natSeen,
  natAbout,
  mirrorSeen,
  mirrorAbout,
  rangePort,
  mirrorChange,
};
