/**
 * The one table of scenes: what the world is like, what is typed, and what `sipdiag` has to make of it, on real servers. Its rows
 * stand in scenes/ by subject. The rows of a stage are played by one test file, with `playScenes`.
 */
import { ALIAS_CIRCLE } from './scenes/alias-circle.ts';
import { AUTHORITIES, DELEGATIONS } from './scenes/authorities.ts';
import { AUTODISCOVER } from './scenes/autodiscover.ts';
import { CERTIFICATES } from './scenes/certificates.ts';
import { DNS_ROUTER } from './scenes/dns-router.ts';
import { DNS_SERVERS, DNS_TRANSPORTS, MACHINE_RESOLVERS } from './scenes/dns-transports.ts';
import { FIREWALL, FIREWALL_LOOPBACK, HABITS } from './scenes/firewall.ts';
import { HOSTILE_CERTIFICATES } from './scenes/hostile-certificates.ts';
import { KERBEROS } from './scenes/kerberos.ts';
import { FAULTY_LADDER } from './scenes/ladder-faulty.ts';
import { HEALTHY_LADDER } from './scenes/ladder-healthy.ts';
import { LISTENING } from './scenes/listening.ts';
import { NOT_TLS } from './scenes/not-tls.ts';
import { PROFILES } from './scenes/profiles.ts';
import { PROMPT } from './scenes/prompt.ts';
import { OTHER_SCRIPT, QUESTIONS } from './scenes/questions.ts';
import { REDIRECTS, SIPP_REDIRECTS } from './scenes/redirects.ts';
import { REVOCATION, STAPLING } from './scenes/revocation.ts';
import { ROUTER } from './scenes/router.ts';
import type { Row } from './scenes/row.ts';
import { SCRIPTED } from './scenes/scripted.ts';
import { SEVERAL_SERVERS } from './scenes/several-servers.ts';
import { SIGNIN } from './scenes/signin.ts';
import { BY_HAND, SINGLE_WITNESS } from './scenes/single-witness.ts';
import { VIEWS } from './scenes/views.ts';
import { WITNESSES } from './scenes/witnesses.ts';
import { zoneRows } from './scenes/zone-row.ts';
import { FAULTY_ZONES } from './scenes/zones-faulty.ts';
import { HEALTHY_ZONES, NOTED_ZONES } from './scenes/zones-healthy.ts';

export const SCENES = [
  ...HEALTHY_LADDER,
  ...FAULTY_LADDER,
  ...ROUTER,
  ...[...HEALTHY_ZONES, ...NOTED_ZONES, ...FAULTY_ZONES].flatMap(zoneRows),
  ...ALIAS_CIRCLE,
  ...PROFILES,
  ...QUESTIONS,
  ...OTHER_SCRIPT,
  ...DNS_TRANSPORTS,
  ...DNS_SERVERS,
  ...MACHINE_RESOLVERS,
  ...DNS_ROUTER,
  ...VIEWS,
  ...AUTHORITIES,
  ...DELEGATIONS,
  ...AUTODISCOVER,
  ...CERTIFICATES,
  ...HOSTILE_CERTIFICATES,
  ...NOT_TLS,
  ...LISTENING,
  ...STAPLING,
  ...REVOCATION,
  ...FIREWALL,
  ...FIREWALL_LOOPBACK,
  ...HABITS,
  ...WITNESSES,
  ...SINGLE_WITNESS,
  ...BY_HAND,
  ...SIGNIN,
  ...SCRIPTED,
  ...SIPP_REDIRECTS,
  ...REDIRECTS,
  ...SEVERAL_SERVERS,
  ...KERBEROS,
  ...PROMPT,
] satisfies readonly Row<string, unknown>[];

export type Scene = (typeof SCENES)[number];
export type Stage = Scene['stage'];

export type SceneOf<S extends Stage> = Extract<Scene, { stage: S }>;

/** The rows of that stage. */
export function scenesOf<S extends Stage>(stage: S): SceneOf<S>[] {
  const isOnStage = (scene: Scene): scene is SceneOf<S> => scene.stage === stage;
  return SCENES.filter(isOnStage);
}

/** Throws Error when the stage has no such row. */
export function sceneOf<S extends Stage>(stage: S, id: string): SceneOf<S> {
  const scene = scenesOf(stage).find((one) => one.id === id);
  if (scene === undefined) throw new Error(`the stage ${stage} has no scene ${id}`);
  return scene;
}
