/** What a server makes of a password. unanswered: nobody knows. */
export type LoginVerdict = 'accepted' | 'refused' | 'unanswered';

/**
 * Lets one session try the password, the first that is asked for it; the others wait for what comes of it. A wrong password is
 * so sent once, and no account is locked out by a diagnosis.
 */
export interface LoginGate {
  /** 'first': try it, then call `settle`; else what the server has made of it. */
  enter(): Promise<'first' | 'accepted' | 'refused'>;
  settle(verdict: LoginVerdict): void;
}

/** After 'unanswered', the next one is the first again. */
export function createLoginGate(): LoginGate {
  let trying: Promise<LoginVerdict> | undefined;
  let decide: (verdict: LoginVerdict) => void = () => undefined;
  return {
    async enter() {
      for (let before = trying; before !== undefined; before = trying) {
        const verdict = await before;
        if (verdict !== 'unanswered') return verdict;
      }
      trying = new Promise((resolve) => {
        decide = resolve;
      });
      return 'first';
    },
    settle(verdict) {
      if (verdict === 'unanswered') trying = undefined;
      decide(verdict);
    },
  };
}
