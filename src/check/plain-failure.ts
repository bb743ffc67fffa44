const REFUSED = /^(?:(?:connect to (\S+)|send): )?ECONNREFUSED$/;

/** The code of the operating system in words, for those who do not know it by heart; anything else as it is. */
export function plainly(detail: string): string {
  const refused = REFUSED.exec(detail);
  if (refused === null) return detail;
  return refused[1] === undefined
    ? 'the port is closed, ECONNREFUSED'
    : `${refused[1]} refuses the connection, ECONNREFUSED`;
}
