/** True for octets that begin with the first line of a SIP message, whole or cut short after the version. RFC 3261 section 7. */
export const beginsAsSip = (text: string): boolean =>
  /^(SIP\/2\.0 |[A-Z]{1,20} \S{1,200} SIP\/2\.0(\r|\n|$))/.test(text);
