import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small consumer repository, always the same for the same seed: customers, a contract, a configuration. */
export interface Churn {
  readonly rows?: number;
  readonly seed?: number;
  readonly mode?: 'advise' | 'enforce';
  readonly store?: string;
  readonly models?: readonly string[];
  /** Share of customers whose income is empty; the default rules stop above 10 %. */
  readonly emptyIncome?: number;
  /** Smallest roc_auc that the gate takes. */
  readonly min?: number;
  /** Shell command of a test of the project's own. */
  readonly test?: string;
}

export function writeChurn(folder: string, options: Churn = {}): void {
  const { models = ['churn'], mode = 'enforce', store, min = 0.6, test } = options;
  for (const path of ['data', 'contracts']) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'data', 'customers.csv'), customers(options));
  writeFileSync(join(folder, 'contracts', 'customers.odcs.yaml'), contract);
  writeFileSync(
    join(folder, 'weighin.yaml'),
    `version: 1
mode: ${mode}
${store ? `store: ${store}\n` : ''}models:
${models
  .map(
    (model) => `  ${model}:
    task: binary
    code: [src/${model}/**]
    data: {source: data/customers.csv, contract: contracts/customers.odcs.yaml, label: churned, id: customer_id}
    training: {trainer: logistic-regression}
${test ? `    tests: [{name: unit, command: ${JSON.stringify(test)}}]\n` : ''}    evaluation:
      gates:
        - {metric: roc_auc, min: ${min}}
        - {metric: roc_auc, compare: {maxRegression: 0.05}}
    stages: {production: {approvals: 1}}
`,
  )
  .join('')}`,
  );
  writeFileSync(join(folder, '.gitignore'), '.weighin/\n');
}

function customers({ rows = 2_000, seed = 42, emptyIncome = 0.06 }: Churn): string {
  let state = seed >>> 0;
  // Numerical Recipes' linear congruential generator: enough for invented customers.
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const lines = ['customer_id,region,tenure_months,monthly_charge,support_calls,income,churned'];
  for (let customer = 1; customer <= rows; customer++) {
    const region = ['north', 'south', 'east', 'west'][Math.floor(random() * 4)];
    const tenure = Math.floor(random() ** 2 * 96);
    const charge = 15 + random() * 50;
    const calls = Math.floor(-Math.log(1 - random()) * 1.4);
    const income = random() < emptyIncome ? '' : Math.round(20_000 + random() * 60_000);
    const churned = random() < 1 / (1 + Math.exp(1.6 + 0.035 * tenure - 0.028 * charge - 0.7 * calls)) ? 1 : 0;
    lines.push([customer, region, tenure, charge.toFixed(2), calls, income, churned].join(','));
  }
  return `${lines.join('\n')}\n`;
}

const contract = `apiVersion: v3.1.0
kind: DataContract
id: customers
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - {name: customer_id, logicalType: integer, required: true, unique: true, primaryKey: true}
      - {name: region, logicalType: string, required: true}
      - {name: tenure_months, logicalType: integer, required: true}
      - {name: monthly_charge, logicalType: number, required: true}
      - {name: support_calls, logicalType: integer, required: true}
      - {name: income, logicalType: number}
      - {name: churned, logicalType: integer, required: true}
`;
