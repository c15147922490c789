import type { CheckConfig } from '../../config/rollout-schema.ts';
import type { NewEvent } from '../../promotion/forge.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import type { Refusal } from '../../promotion/refusal.ts';
import type { DesiredTraffic } from './traffic.ts';

/** What the guard does in the world. Level-triggered: the same state asks for the same effects again until they are so. */
export type Effect =
  | {
      readonly is: 'traffic';
      /** `<rolloutId>/v11+v12@30/traffic`: of the wish, so the same wish has the same key however often it is asked for. */
      readonly key: string;
      /** Its revision is that of the live document beside it; a writer that raises that one asks `desiredTraffic` again. */
      readonly desired: DesiredTraffic;
      /**
       * `candidate`: it gives the candidate more than it has, so it is recorded first, then acted. `stable`: everything else (less, nothing,
       * the same again); acted first, recorded when possible.
       */
      readonly toward: 'stable' | 'candidate';
      /** The target does it already and only its lease is renewed; a target without leases need not be asked. */
      readonly renews: boolean;
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
  readonly refusal: Omit<Refusal, 'allowed'> | null;
}
