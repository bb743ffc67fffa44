import type { SecureContext } from 'node:tls';

/** What OpenSSL judges by, and the roots (PEM) that it was given. */
export interface JudgingContext {
  secure: SecureContext;
  added: Set<string>;
}

/** What OpenSSL has read of trusted roots, for all connections of one network. */
export interface JudgingContexts {
  /** The context of all connections that are judged by the same `trust`, made by `make` for the first of them. */
  of(trust: object, make: () => SecureContext): JudgingContext;
  /** The first root that any context is given makes Node parse all of its own, which takes 20 ms and more: this pays for it ahead. */
  loadRootStore(tls: Pick<typeof import('node:tls'), 'createSecureContext' | 'rootCertificates'>): void;
}

export const judgingBy = (secure: SecureContext): JudgingContext => ({ secure, added: new Set() });

/** A context takes a millisecond to make, and the roots in it longer: connections that are judged by the same roots share both. */
export function createJudgingContexts(): JudgingContexts {
  const known = new WeakMap<object, JudgingContext>();
  let store: 'unread' | 'read' = 'unread';
  return {
    of(trust, make) {
      const context = known.get(trust) ?? judgingBy(make());
      known.set(trust, context);
      return context;
    },
    loadRootStore({ createSecureContext, rootCertificates }) {
      if (store === 'read') return;
      store = 'read';
      createSecureContext({ ca: rootCertificates.slice(0, 1) });
    },
  };
}
