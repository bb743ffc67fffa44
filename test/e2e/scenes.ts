/**
 * The one table of scenes: what the world is like, what is typed, and what `sipdiag` has to make of it, on real servers. Its rows
 * stand in scenes/ by subject. The rows of a stage are played by one test file, with `playScenes`.
 */
import { CERTIFICATES, type TlsScene } from './scenes/certificates.ts';
import { FIREWALL, type FirewallScene } from './scenes/firewall.ts';
import { FAULTY_LADDER } from './scenes/ladder-faulty.ts';
import { HEALTHY_LADDER } from './scenes/ladder-healthy.ts';
import type { LadderScene } from './scenes/ladder-row.ts';
import { NOT_TLS, type NotTlsScene } from './scenes/not-tls.ts';
import { SIGNIN, type SigninScene } from './scenes/signin.ts';
import { ROUTER, type RouterScene } from './scenes/router.ts';
import { WITNESSES, type WitnessScene } from './scenes/witnesses.ts';
import { zoneRows, type ZoneScene } from './scenes/zone-row.ts';
import { FAULTY_ZONES } from './scenes/zones-faulty.ts';
import { HEALTHY_ZONES, NOTED_ZONES } from './scenes/zones-healthy.ts';

export type Scene =
  LadderScene | RouterScene | ZoneScene | TlsScene | NotTlsScene | FirewallScene | WitnessScene | SigninScene;
export type Stage = Scene['stage'];

export const SCENES: readonly Scene[] = [
  ...HEALTHY_LADDER,
  ...FAULTY_LADDER,
  ...ROUTER,
  ...[...HEALTHY_ZONES, ...NOTED_ZONES, ...FAULTY_ZONES].flatMap(zoneRows),
  ...CERTIFICATES,
  ...NOT_TLS,
  ...FIREWALL,
  ...WITNESSES,
  ...SIGNIN,
];

export type SceneOf<S extends Stage> = Extract<Scene, { stage: S }>;

/** The rows of that stage. */
export function scenesOf<S extends Stage>(stage: S): SceneOf<S>[] {
  const isOnStage = (scene: Scene): scene is SceneOf<S> => scene.stage === stage;
  return SCENES.filter(isOnStage);
}
