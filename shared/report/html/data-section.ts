import { splitMethod } from '../../card/split-method.ts';
import type { Check, ContractResult } from '../../contract/contract-result.ts';
import type { DatasetManifest } from '../../dataset/manifest.ts';
import type { TestResult } from '../../training/training-result.ts';
import { formatBytes, formatCount, formatMany, formatPercent, formatSeconds } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { statusWords } from '../gate-row.ts';
import { digest } from './digest.ts';
import { at, html, type Markup, nothing } from './markup.ts';

const most = 150;
const order: readonly Check['status'][] = ['error', 'fail', 'warn', 'pass'];

/** Rules of the contract, failed first, each with its place and the rows to look at. */
export function contractSection(contract: ContractResult | null): Markup {
  if (!contract) return nothing;
  const checks = [...contract.checks].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const open = checks.filter(({ status }) => status !== 'pass').slice(0, most);
  const passed = checks.filter(({ status }) => status === 'pass');
  const file = contract.contract;
  const cut = checks.length - passed.length - open.length + Math.max(0, passed.length - most);
  return html`<section><h2>Data contract</h2><p>${
    open.length === 0
      ? `All ${formatMany(checks.length, 'rule')} hold on ${formatMany(contract.rows, 'row')} and ${formatMany(contract.columns, 'column')}.`
      : `${formatCount(checks.length - passed.length)} of ${formatMany(checks.length, 'rule')} ${checks.length - passed.length === 1 ? 'is' : 'are'} broken on ${formatMany(contract.rows, 'row')} and ${formatMany(contract.columns, 'column')}.`
  } ${file ? html`<span class="soft">${file.file}${file.version && `, version ${file.version}`}</span>` : html`<span class="soft">No contract file: the rules that are on by default.</span>`}</p>${open.length > 0 && checkTable(open)}${
    passed.length > 0 &&
    html`<details><summary>${formatMany(passed.length, 'rule')} ${passed.length === 1 ? 'holds' : 'hold'}</summary>${checkTable(passed.slice(0, most))}</details>`
  }${cut > 0 && html`<p class="soft">${formatMany(cut, 'rule')} more in report.json.</p>`}${nullShares(contract.checks)}</section>`;
}

function checkTable(checks: readonly Check[]): Markup {
  return html`<div class="scroll"><table class="checks"><thead><tr><th scope="col">rule</th><th scope="col">found</th><th scope="col">rows to look at</th><th scope="col">answer</th></tr></thead><tbody>${checks.map(
    (check) => {
      const { mark, word } = statusWords[check.status];
      const where = check.location ? `${check.location.file}:${check.location.line}` : 'on by default';
      return html`<tr><th scope="row">${clipText(check.column ?? 'table', 120)} <code>${clipText(check.rule, 60)}</code><small>${clipText(where, 160)}</small></th><td>${clipText(check.message, 300)}<small>${check.failed > 0 && `${formatCount(check.failed)} of ${formatMany(check.total, 'row')}`}</small></td><td class="rows">${check.rows.join(', ')}${check.failed > check.rows.length && check.rows.length > 0 ? ' …' : ''}${
        check.values && html`<small>${clipText(check.values.join(' · '), 200)}</small>`
      }</td><td class="answer"><span class="tag ${check.status}">${mark} ${word}</span></td></tr>`;
    },
  )}</tbody></table></div>`;
}

/** Columns with missing values against the share that is allowed. */
function nullShares(checks: readonly Check[]): Markup {
  const shares = checks
    .filter(({ rule, column, failed, total }) => rule === 'nulls' && column !== null && failed > 0 && total > 0)
    .map((check) => ({
      column: check.column ?? '',
      share: check.failed / check.total,
      allowed: typeof check.expected === 'number' ? check.expected : null,
      status: check.status,
    }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 20);
  if (shares.length === 0) return nothing;
  const scale = 200 / Math.max(0.01, ...shares.map(({ share, allowed }) => Math.max(share, allowed ?? 0)));
  return html`<h3>Missing values</h3><table class="nulls"><tbody>${shares.map(
    ({ column, share, allowed, status }) =>
      html`<tr><th scope="row">${clipText(column, 80)}</th><td class="chart"><svg viewBox="0 0 210 16" role="img" aria-label="${formatPercent(share)} missing"><title>${formatPercent(share)} missing${allowed === null ? '' : `, ${formatPercent(allowed)} allowed`}</title><rect class="bar ${status}" x="0" y="4" height="8" rx="2" width="${at(share * scale)}"/>${
        allowed !== null && html`<line class="limit" x1="${at(allowed * scale)}" x2="${at(allowed * scale)}" y1="0" y2="16"/>`
      }</svg></td><td class="num">${formatPercent(share)}${allowed !== null && html`<small>${formatPercent(allowed)} allowed</small>`}</td></tr>`,
  )}</tbody></table>`;
}

export function testsSection(tests: readonly TestResult[]): Markup {
  if (tests.length === 0) return nothing;
  const sorted = [...tests].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status)).slice(0, most);
  return html`<section><h2>Tests</h2><div class="scroll"><table class="checks"><tbody>${sorted.map((test) => {
    const { mark, word } = statusWords[test.status];
    return html`<tr><th scope="row">${clipText(test.name, 80)}<small><code>${clipText(test.command, 160)}</code></small></th><td>${clipText(test.message, 300)}${
      test.failures.length > 0 && html`<ul>${test.failures.map((failure) => html`<li>${clipText(failure, 200)}</li>`)}</ul>`
    }${test.tail.length > 0 && html`<details><summary>end of its log</summary><pre>${test.tail.map((text) => html`${clipText(text, 400)}\n`)}</pre></details>`}</td><td class="num">${formatSeconds(test.seconds)}</td><td class="answer"><span class="tag ${test.status}">${mark} ${word}</span></td></tr>`;
  })}</tbody></table></div></section>`;
}

/** Where the rows came from, and how they were parted. */
export function datasetSection(dataset: DatasetManifest | null): Markup {
  if (!dataset) return nothing;
  const { splits, statistics } = dataset;
  const total = splits.train.rows + splits.validation.rows + splits.test.rows;
  const method = splitMethod(dataset);
  const parts = [
    { name: 'train', part: splits.train },
    { name: 'validation', part: splits.validation },
    { name: 'test', part: splits.test },
  ];
  const shares = Object.entries(statistics.train_label_dist).slice(0, 12);
  return html`<section><h2>Data</h2><dl><dt>Source</dt><dd>${dataset.inputs.map(
    ({ source, files }) =>
      html`<div>${clipText(source, 200)} <span class="soft">${formatMany(files.length, 'file')}, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}</span> ${files.length === 1 && files[0] ? digest(files[0].digest) : null}</div>`,
  )}</dd><dt>Rows</dt><dd>${formatCount(total)}, ${formatMany(dataset.features.length, 'feature')}, label <code>${clipText(dataset.label, 80)}</code>${dataset.asOf && html`, as of ${dataset.asOf}`}</dd>
<dt>Split</dt><dd>${method && `${method}: `}${parts.map(({ name, part }, index) => html`${index > 0 && ' · '}${name} <b>${formatCount(part.rows)}</b> ${digest(part.digest)}`)}</dd>${
    shares.length > 0 &&
    html`<dt>Label</dt><dd>${shares.map(([value, share]) => `${clipText(value, 40)}: ${formatPercent(share)}`).join(' · ')} <span class="soft">of the training rows</span></dd>`
  }<dt>Version</dt><dd>${digest(dataset.version)}</dd></dl></section>`;
}
