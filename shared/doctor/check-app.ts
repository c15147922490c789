import { appEvents, appPermissions, permissionsToAsk } from './app-permissions.ts';
import type { GitHubFacts } from './doctor-facts.ts';
import { advice, type Finding, ok, unknown, wrong } from './finding.ts';

const strength: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };

/** Whether there is an App, and whether it may do what it needs and no more. */
export function checkApp({ app, url }: GitHubFacts): readonly Finding[] {
  if (!app.known) return [unknown('APP_UNKNOWN', 'Which App the bot writes as', app.why)];
  if (app.value === null)
    return [
      wrong(
        'APP_NOT_INSTALLED',
        'The App is not installed on this repository: the bot hears nothing of it.',
        'On the App’s page: Install App → this repository.',
        url && `${new URL(url).origin}/settings/installations`,
      ),
    ];
  const { slug, permissions, events, source } = app.value;
  const page = url ? `${new URL(url).origin}/apps/${slug}` : null;
  const name = ({ name, access }: { readonly name: string; readonly access: string }) => `${name}: ${access}`;
  const { missing } = permissionsToAsk(permissions);
  const needed = missing.filter(({ optional }) => !optional);
  const wished = missing.filter(({ optional }) => optional);
  const tooMuch = Object.entries(permissions).filter(
    ([permission, access]) =>
      (strength[access] ?? 0) > (strength[appPermissions.find((one) => one.name === permission)?.access ?? ''] ?? 0),
  );
  const unsubscribed = appEvents.filter(({ name: event }) => !events.includes(event));
  const findings = [
    ...(needed.length > 0
      ? [
          wrong(
            'APP_LACKS_PERMISSION',
            `App ${slug} lacks ${needed.map(name).join(', ')}.`,
            'Add them on the App’s page under Permissions & events, then accept them on the installation’s page.',
            page,
          ),
        ]
      : []),
    ...wished.map((permission) =>
      advice(
        'APP_LACKS_OPTIONAL',
        `App ${slug} lacks ${name(permission)}: it can’t ${permission.reason}.`,
        'Add it on the App’s page, unless your GitHub does not have it.',
        page,
      ),
    ),
    ...(tooMuch.length > 0
      ? [
          wrong(
            'APP_MAY_TOO_MUCH',
            `App ${slug} may more than it needs: ${tooMuch.map(([permission, access]) => `${permission}: ${access}`).join(', ')}.`,
            'Take it away on the App’s page under Permissions & events.',
            page,
          ),
        ]
      : []),
    ...(unsubscribed.length > 0
      ? [
          wrong(
            'APP_HEARS_TOO_LITTLE',
            `App ${slug} is not told of ${unsubscribed.map(({ name: event }) => event).join(', ')}.`,
            'Subscribe to them on the App’s page under Permissions & events.',
            page,
          ),
        ]
      : []),
  ];
  return findings.some(({ status }) => status === 'wrong')
    ? findings
    : [ok('APP', `App ${slug} ${source === 'granted' ? 'is granted' : 'asks for'} what it needs and nothing else.`), ...findings];
}
