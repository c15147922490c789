import type { ActionSpec } from '../../shared/spec/action-spec.ts';

export const spec = {
  name: 'bot',
  summary:
    'The bot without a server: looks at the whole repository once, answers commands, keeps checks, comments and promotions up to date.',
  inputs: {
    'app-id': {
      description: "Number of the App that the bot writes as. Without it the job's token writes, and weighin/promotion is only advisory.",
    },
    'private-key': {
      description: "The App's private key (PEM), a secret of the environment weighin-bot, which only the default branch may use.",
    },
    'github-token': { description: "Token that writes where there is no App; the job's own by default." },
  },
  outputs: {
    'writes-as': 'Account that the bot wrote as: that of the App, or github-actions[bot].',
    advisory: 'true where weighin/promotion can be posted by others too, so that it only advises.',
  },
} as const satisfies ActionSpec;
