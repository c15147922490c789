import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Invents customers of a telephone company, always the same ones for the same seed: data/customers.csv.
 * usage: node generate.mjs [ROWS] [SEED]
 */
const rows = Number(process.argv[2] ?? 20_000);
const random = mulberry32(Number(process.argv[3] ?? 42));
const pick = (values) => values[Math.floor(random() * values.length)];
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const lines = ['customer_id,signup_date,region,plan,tenure_months,monthly_charge,support_calls,income,churned'];
for (let customer = 1; customer <= rows; customer++) {
  const region = pick(['north', 'south', 'east', 'west', 'islands']);
  const plan = pick(['basic', 'basic', 'plus', 'premium']);
  const tenure = Math.floor(random() ** 2 * 96);
  const charge = { basic: 19, plus: 35, premium: 59 }[plan] + normal() * 4;
  const calls = Math.floor(-Math.log(1 - random()) * 1.4);
  const income = random() < 0.06 ? '' : Math.round(Math.exp(10.2 + 0.4 * normal()));
  const leaning = -1.9 - 0.035 * tenure + 0.028 * charge + 0.55 * calls + (region === 'south' ? 0.5 : 0) + 0.4 * normal();
  const churned = random() < 1 / (1 + Math.exp(-leaning)) ? 1 : 0;
  const signup = new Date(Date.UTC(2025, 5, 1) - tenure * 30.4 * 86_400_000).toISOString().slice(0, 10);
  lines.push([customer, signup, region, plan, tenure, charge.toFixed(2), calls, income, churned].join(','));
}

const data = join(dirname(fileURLToPath(import.meta.url)), 'data');
mkdirSync(data, { recursive: true });
writeFileSync(join(data, 'customers.csv'), `${lines.join('\n')}\n`);
console.log(`${rows} customers in data/customers.csv`);

/** A small generator with a good spread (Tommy Ettinger, public domain): the same numbers on every machine. */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
