/** What this address is, for whoever opens it. */
export const landingPage = (version: string, { board }: { readonly board: boolean }) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Weighin's bot</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 38rem; margin: 4rem auto; padding: 0 1rem; color: #1c2733; background: #fff }
  code { font-size: .95em }
  dt { font-family: ui-monospace, monospace } dd { margin: 0 0 .6rem 0; color: #52606d }
  @media (prefers-color-scheme: dark) { body { color: #dfe6ec; background: #12181f } dd { color: #9fb0bf } a { color: #7db7ff } }
</style>
<h1>Weighin's bot</h1>
<p>It listens to GitHub, comments on pull requests, and turns promotions of models into reviewed pull requests. There is nothing to do
here: talk to it in a pull request, with <code>/weighin help</code>.</p>
<dl>
  ${
    board
      ? '<dt><a href="/board">/board</a></dt><dd>what runs, what rolls out, what waits; with its token</dd>'
      : '<dt>/board</dt><dd>what runs, what rolls out, what waits: set <code>WEIGHIN_BOARD_TOKEN</code> to at least 16 random characters, and it is here</dd>'
  }
  <dt><a href="/health">/health</a></dt><dd>the process is alive</dd>
  <dt><a href="/ready">/ready</a></dt><dd>GitHub takes its key, and work gets done</dd>
  <dt><a href="/metrics">/metrics</a></dt><dd>counts for Prometheus</dd>
</dl>
<p>Version ${version}.</p>
</html>`;
