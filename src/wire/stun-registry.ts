/** The numbers of STUN and TURN that are read or sent here. IANA "Session Traversal Utilities for NAT (STUN) Parameters". */

/** Methods. RFC 8489 section 18.2, RFC 8656 section 17, RFC 6062 section 6.1. */
export const STUN_METHOD = {
  BINDING: 0x001,
  ALLOCATE: 0x003,
  REFRESH: 0x004,
  SEND: 0x006,
  DATA: 0x007,
  CREATE_PERMISSION: 0x008,
  CHANNEL_BIND: 0x009,
  CONNECT: 0x00a,
  CONNECTION_BIND: 0x00b,
  CONNECTION_ATTEMPT: 0x00c,
} as const;

/** Attributes. RFC 8489 section 18.3, RFC 8656 section 18, RFC 6062 section 6.2, RFC 5780 section 9.1, RFC 3489 section 11.2. */
export const STUN_ATTRIBUTE = {
  MAPPED_ADDRESS: 0x0001,
  CHANGE_REQUEST: 0x0003,
  /** RFC 3489 only: reserved since. */
  SOURCE_ADDRESS: 0x0004,
  /** RFC 3489 only: reserved since. */
  CHANGED_ADDRESS: 0x0005,
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  UNKNOWN_ATTRIBUTES: 0x000a,
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  DATA: 0x0013,
  REALM: 0x0014,
  NONCE: 0x0015,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_ADDRESS_FAMILY: 0x0017,
  EVEN_PORT: 0x0018,
  REQUESTED_TRANSPORT: 0x0019,
  DONT_FRAGMENT: 0x001a,
  MESSAGE_INTEGRITY_SHA256: 0x001c,
  PASSWORD_ALGORITHM: 0x001d,
  USERHASH: 0x001e,
  XOR_MAPPED_ADDRESS: 0x0020,
  RESERVATION_TOKEN: 0x0022,
  PADDING: 0x0026,
  RESPONSE_PORT: 0x0027,
  CONNECTION_ID: 0x002a,
  PASSWORD_ALGORITHMS: 0x8002,
  SOFTWARE: 0x8022,
  ALTERNATE_SERVER: 0x8023,
  FINGERPRINT: 0x8028,
  RESPONSE_ORIGIN: 0x802b,
  OTHER_ADDRESS: 0x802c,
} as const;

/** Below this, a receiver that does not know an attribute must not act on the message. RFC 8489 section 14. */
const COMPREHENSION_OPTIONAL = 0x8000;

const KNOWN: ReadonlySet<number> = new Set(Object.values(STUN_ATTRIBUTE));

/** Whether a message with an attribute of this type must not be acted upon, because its meaning is not known here. */
export const isUnknownRequired = (type: number): boolean => type < COMPREHENSION_OPTIONAL && !KNOWN.has(type);
