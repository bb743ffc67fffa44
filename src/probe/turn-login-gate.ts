import type { Failure } from '../model.ts';

/** Why nobody knows what a server makes of a password. */
export type LoginFailure = Pick<Failure, 'reason' | 'detail'>;
export type LoginVerdict = 'accepted' | 'refused' | LoginFailure;

/**
 * Lets one session try the password, the first that is asked for it; the others wait for what comes of it. A wrong password is
 * so sent once, and no account is locked out by a diagnosis.
 */
export interface LoginGate {
  /** 'first': try it, then call `settle`; else what came of the first, inside its step. */
  enter(): Promise<'first' | LoginVerdict>;
  settle(verdict: LoginVerdict): void;
}

export function createLoginGate(): LoginGate {
  let trying: Promise<LoginVerdict> | undefined;
  let decide: (verdict: LoginVerdict) => void = () => undefined;
  return {
    async enter() {
      if (trying !== undefined) return trying;
      trying = new Promise((resolve) => {
        decide = resolve;
      });
      return 'first';
    },
    settle: (verdict) => decide(verdict),
  };
}
