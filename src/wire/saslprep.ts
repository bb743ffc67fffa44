import { WireError } from './wire-error.ts';

/**
 * A user name or password in the form in which it is hashed (RFC 4013). Throws WireError 'saslprep' for characters that the
 * profile forbids; the text itself is not in the message. Printable ASCII is that form already, and costs no table.
 */
export async function saslPrepared(text: string): Promise<string> {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const { saslprep } = await import('@mongodb-js/saslprep');
  try {
    return saslprep(text, { allowUnassigned: true });
  } catch (error) {
    // The library throws plain errors that name the rule only.
    throw new WireError('saslprep', `a character that SASLprep forbids (${String(error)})`);
  }
}
