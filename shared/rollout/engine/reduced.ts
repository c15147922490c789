import type { CheckConfig } from '../../config/rollout-schema.ts';
import type { NewEvent } from '../../promotion/forge.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import type { DesiredTraffic } from './traffic.ts';

/** What the guard does in the world. Level-triggered: the same state asks for the same effects again until they are so. */
export type Effect =
  | {
      readonly is: 'traffic';
      /** `<rolloutId>/<revision>/traffic` */
      readonly key: string;
      readonly desired: DesiredTraffic;
      /** Toward stable: acted first, recorded when possible. Away from stable: recorded first, then acted. */
      readonly toward: 'stable' | 'candidate';
    }
  | { readonly is: 'check'; readonly key: string; readonly check: CheckConfig };

export interface Reduced {
  /** The same object where nothing changed. `revision` is the writer's to raise. */
  readonly live: LiveDocument;
  /** Of the live generation, to be written with it. */
  readonly events: readonly NewEvent[];
  /** Whether it has to be written now: a transition, or a planned look. Otherwise it may stay in memory until the next. */
  readonly record: boolean;
  readonly effects: readonly Effect[];
  /** Of a person's event: why nothing was done. null: it was. */
  readonly refusal: { readonly code: string; readonly message: string; readonly next: string } | null;
}
