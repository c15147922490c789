import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgeOf } from '../../../conformance/forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';

let github: GitHub;
let artifact: number;

beforeEach(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  const headSha = github.git.commit({ branch: 'main', files: { a: 'b' } });
  const artifacts = [{ name: 'weighin-report-churn-1', zip: new Uint8Array(1000).fill(7) }];
  github.playRun({ path: '.github/workflows/weighin.yml', event: 'push', headBranch: 'main', headSha, actor: 'octocat', artifacts });
  artifact = github.repository.artifacts[0]?.id ?? 0;
});
afterEach(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

/** A storage that answers as told, one answer a request, and what it was asked. */
function storage(answers: readonly (() => Response)[]) {
  const asked: { address: string; headers: Headers; redirect: string | undefined }[] = [];
  const fetchFile: typeof fetch = async (address, init) => {
    asked.push({ address: String(address), headers: new Headers(init?.headers), redirect: init?.redirect });
    return answers[asked.length - 1]?.() ?? new Response(null, { status: 500 });
  };
  return { asked, fetchFile };
}
const whole = () => new Response(new Uint8Array([1, 2, 3]));
/** Without a length, some bytes, then nothing but a broken connection. */
const broken = () =>
  new Response(
    new ReadableStream({
      pull: (controller) => controller.error(new Error('socket hang up')),
    }),
  );

it('asks for a new address after the storage failed or broke off', async () => {
  const { asked, fetchFile } = storage([() => new Response('busy', { status: 503 }), broken, whole]);
  const { forge, waits } = await forgeOf(github, { fetch: fetchFile });
  expect(await forge.actions.download(artifact, 100)).toEqual(new Uint8Array([1, 2, 3]));
  expect(new Set(asked.map(({ address }) => address)).size).toBe(3);
  expect(waits).toEqual([1, 2]);
});

it('sends no token to the storage, and goes nowhere that it points to', async () => {
  const { asked, fetchFile } = storage([whole]);
  const { forge } = await forgeOf(github, { fetch: fetchFile });
  await forge.actions.download(artifact, 100);
  expect(asked).toHaveLength(1);
  expect([...(asked[0]?.headers.keys() ?? [])]).toEqual(['accept']);
  expect(asked[0]?.redirect).toBe('error');
});

it('stops reading at the limit, even where no length was told', async () => {
  let sent = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 1;
          controller.enqueue(new Uint8Array(1000));
        },
      }),
    );
  const { fetchFile } = storage([endless]);
  const { forge } = await forgeOf(github, { fetch: fetchFile });
  await expect(forge.actions.download(artifact, 10_000)).rejects.toMatchObject({ name: 'UserError', code: 'ARTIFACT_TOO_LARGE' });
  expect(sent).toBeLessThan(20);
});

it('gives up after three times', async () => {
  const { fetchFile } = storage([broken, broken, broken, whole]);
  const { forge } = await forgeOf(github, { fetch: fetchFile });
  await expect(forge.actions.download(artifact, 100)).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
});

it('takes no address that is not encrypted from a GitHub that is', async () => {
  const { asked, fetchFile } = storage([whole]);
  const headers = { date: 'Sat, 21 Nov 2026 09:00:00 GMT' };
  const octokit = {
    request: Object.assign(async () => ({ status: 302, headers: { ...headers, location: 'http://169.254.169.254/' }, data: '' }), {
      endpoint: { DEFAULTS: { baseUrl: 'https://api.github.com' } },
    }),
  };
  const { downloadArtifact } = await import('../../../../shared/adapters/github-forge/download-artifact.ts');
  const { createTransport } = await import('../../../../shared/adapters/github-forge/transport.ts');
  const { createForgeMemory } = await import('../../../../shared/adapters/github-forge/forge-memory.ts');
  const transport = createTransport({ octokit, place: { owner: 'acme', repo: 'churn' }, memory: createForgeMemory() });
  await expect(downloadArtifact(transport, fetchFile, 1, 100)).rejects.toMatchObject({ code: 'FORGE_ANSWER_UNKNOWN' });
  expect(asked).toEqual([]);
});
