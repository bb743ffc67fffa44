import type { Endpoint } from '../world.ts';

/** 'host:port', the host in lower case, to where the user says that it is: the name is not looked up. */
export type Pins = ReadonlyMap<string, Endpoint>;

/** Where a port of a host is: where the user says, or at the address that the host has. */
export const placeOf = (pinned: Pins, host: string, at: Endpoint): Endpoint =>
  pinned.get(`${host.toLowerCase()}:${at.port}`) ?? at;
