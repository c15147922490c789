import { graphqlRoutes } from '../graphql/graphql-route.ts';
import { actionsRoutes } from './actions.ts';
import { appRoutes } from './app.ts';
import { checkRoutes } from './checks.ts';
import { deploymentRoutes } from './deployments.ts';
import { gitRoutes } from './git.ts';
import { hookRoutes } from './hook.ts';
import { issueRoutes } from './issues.ts';
import { peopleRoutes } from './people.ts';
import { pullRoutes } from './pulls.ts';
import { releaseRoutes } from './releases.ts';
import { repositoryRoutes } from './repository.ts';
import type { Route } from './route.ts';
import { ruleRoutes } from './rules.ts';

/** The first that fits answers: `commits/:ref/check-runs` stands before `commits/*ref`. */
export const allRoutes: readonly Route[] = [
  ...graphqlRoutes,
  ...gitRoutes,
  ...checkRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...peopleRoutes,
  ...appRoutes,
  ...hookRoutes,
  ...actionsRoutes,
  ...deploymentRoutes,
  ...releaseRoutes,
  ...ruleRoutes,
  ...repositoryRoutes,
];
