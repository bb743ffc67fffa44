/** What somebody on the far side says about the ports of this machine: the rungs callback and media. */
import type { Observed } from '../model.ts';

/**
 * Who can say whether our ports are reached. sip: the SIP server itself, by the Contact of a REGISTER. agent: `sipdiag agent`.
 * turn: a TURN server (RFC 8656, RFC 6062). stun: a STUN server (RFC 5780). manual: a person who types a command.
 */
export type Witness = 'sip' | 'agent' | 'turn' | 'stun' | 'manual';

/** sip: the port in the Contact, TCP. media: RTP and RTCP, UDP. */
export type PortUse = 'sip' | 'media';

export interface RangePort {
  port: number;
  /** privileged: below 1024, and this user may not. unusable: for another reason. */
  state: 'listening' | 'in-use' | 'privileged' | 'unusable';
  detail: string;
}

export interface RangeSeen {
  /** All of them; of a very large range the ends and some between. */
  ports: RangePort[];
  /** Ports that the system hands out by itself; absent: it does not say. */
  ephemeral?: { first: number; last: number };
}
/** The ports that a client would advertise, and what came of listening on each. */
export type RangeObservation = Observed<
  'range',
  RangeSeen,
  {
    use: PortUse;
    transport: 'tcp' | 'udp';
    /** The address of this machine that was listened on: the one that it uses towards the witnesses. */
    address: string;
    first: number;
    last: number;
    /** How many ports a client needs at the same time. */
    needed: number;
    source: 'default' | 'option' | 'policy' | 'profile';
    /** The file of the policy, or the name of the profile. */
    from?: string;
  }
>;

export interface WitnessSeen {
  /** What its word proves, and what it cannot: one sentence fragment each. */
  proves: string;
  cannot: string;
  /** What it calls itself: the SOFTWARE of a STUN server, the version of an agent. */
  software?: string;
  /** Over TLS, when its certificate proves nothing: why. It was asked all the same. */
  unverified?: string;
}
/** A witness was asked whether it can help; a failure says why it cannot. */
export type WitnessObservation = Observed<
  'witness',
  WitnessSeen,
  {
    witness: Witness;
    /** 'host:port' as it was asked; for `manual` the words for a reader. */
    server: string;
    transport?: 'udp' | 'tcp' | 'tls';
  }
>;

export interface ReachSeen {
  /**
   * reached: what the witness sent arrived here. no-echo: the witness found the port open, and nothing of it arrived here: another
   * machine answers. reused: the request came on the connection that this side had opened. refused, timeout, unreachable: as the
   * witness saw it. server-error: the SIP server answered an error of its own. not-tried: the witness may not (its policy).
   */
  result: 'reached' | 'no-echo' | 'reused' | 'refused' | 'timeout' | 'unreachable' | 'server-error' | 'not-tried';
  detail: string;
  /** Where what arrived came from, 'address:port'. */
  from?: string;
  /** With 'reused': what proves it (ms-received-cid, alias, outbound, or the request itself). */
  proof?: string;
  /** With 'server-error': the final SIP answer. */
  status?: number;
  reason?: string;
  diagnostics?: string;
}
/** One witness tried to reach one port of this machine. A failure: the witness could not be asked. */
export type ReachObservation = Observed<
  'reach',
  ReachSeen,
  {
    witness: Witness;
    server: string;
    use: PortUse;
    transport: 'tcp' | 'udp';
    /** The address of this machine that the witness was to reach. */
    address: string;
    port: number;
    /** sip: whether the registering connection was kept open meanwhile. */
    connection?: 'kept' | 'closed';
    /** sip: how long that connection was silent before. */
    idleSeconds?: number;
  }
>;

/** The address of this machine as a witness sees it. */
export interface MappedSeen {
  /** 'address:port' on this machine. */
  local: string;
  /** 'address:port' as the witness sees it: XOR-MAPPED-ADDRESS, received and rport, the peer of the control connection. */
  seen: string;
}
export type MappedObservation = Observed<
  'mapped',
  MappedSeen,
  { witness: Witness; server: string; transport: 'udp' | 'tcp' | 'tls' }
>;

/** How a NAT maps and filters UDP. RFC 5780 section 4, in the terms of RFC 4787 sections 4.1 and 5. */
export interface NatSeen {
  local: string;
  mapped: string;
  mapping:
    | 'none'
    | 'endpoint-independent'
    | 'address-dependent'
    | 'address-and-port-dependent'
    /** The server has no second address, or did not answer there. */
    | 'unknown';
  filtering: 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent' | 'unknown';
  /** Why something is unknown; '' when nothing is. */
  detail: string;
}
export type NatObservation = Observed<'nat', NatSeen, { server: string; alternate?: string }>;

/** A SIP message as it was sent and as it arrived. */
export interface MirrorSeen {
  changes: {
    /** 'Via', 'Contact', 'SDP c=', 'start line', 'body length' … */
    field: string;
    sent: string;
    arrived: string;
  }[];
}
/** A SIP message sent past whatever stands between, and compared with what arrived. A failure: it did not arrive, or no word came back. */
export type MirrorObservation = Observed<
  'mirror',
  MirrorSeen,
  {
    witness: 'agent' | 'sip';
    server: string;
    transport: 'udp' | 'tcp';
    /** On the far side. */
    port: number;
    /** sip-port: where a SIP ALG listens. control-port: the same message where none should. */
    way: 'sip-port' | 'control-port';
  }
>;

export type FarSideObservation =
  RangeObservation | WitnessObservation | ReachObservation | MappedObservation | NatObservation | MirrorObservation;
