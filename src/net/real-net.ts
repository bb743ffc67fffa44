import type { Net } from '../world.ts';
import { createJudgingContexts } from './judging-contexts.ts';
import { ephemeralPortsOfSystem, lookupBySystem, resolversOfSystem } from './system.ts';
import { connectTcp } from './tcp.ts';
import { rehearseTls } from './tls-rehearsal.ts';
import { startTlsOver } from './tls.ts';
import { createUdpRoom } from './udp.ts';

/** The network of this machine. Modules that take milliseconds to load are loaded where they are first needed. */
export function createRealNet(): Net {
  const udp = createUdpRoom();
  const contexts = createJudgingContexts();
  let rehearsal: Promise<void> | undefined;
  return {
    connect: connectTcp,
    prepareTls() {
      // After the SYN, which leaves at the end of this turn; a Node without TLS fails in startTls.
      rehearsal ??= new Promise((resolve) => {
        setImmediate(() => resolve(rehearseTls().catch(() => undefined)));
      });
      return rehearsal;
    },
    startTls: (stream, settings, wait) => startTlsOver(stream, settings, { wait, contexts }),
    async listen(on) {
      const { listenTcp } = await import('./listen.ts');
      return listenTcp(on);
    },
    async answerTls(stream, settings, wait) {
      const { answerTlsOver } = await import('./tls-answer.ts');
      return answerTlsOver(stream, settings, { wait, contexts });
    },
    async openHttps(to, host, wait) {
      const { openHttpsTo } = await import('./https.ts');
      return openHttpsTo(to, host, { wait, contexts });
    },
    openUdp: (towards) => udp.open(towards),
    async bindUdp(on) {
      const { bindUdpOn } = await import('./udp-bound.ts');
      return bindUdpOn(on);
    },
    systemLookup: lookupBySystem,
    systemResolvers: resolversOfSystem,
    ephemeralPorts: ephemeralPortsOfSystem,
  };
}
