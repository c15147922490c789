import { describe, expect, it } from 'vitest';
import { createGatewayManifest } from '../../../../shared/rollout/targets/gateway-manifest.ts';
import { changedLines } from './changed-lines.ts';
import { refusal, v12, v13, wish } from './wishes.ts';

const file = 'deploy/route.yaml';
const own = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: churn
spec:
  hostnames: ["churn.example"]
  rules:
  # predictions
  - matches:
    - path: {type: PathPrefix, value: /predict}
    backendRefs:
    - name: churn-v11   # of Weighin
      port: 80
      filters:
      - type: RequestHeaderModifier
        requestHeaderModifier: {set: [{name: x, value: y}]}
  - matches:
    - path: {type: PathPrefix, value: /docs}
    backendRefs:
    - name: docs
      port: 8080
`;
const rendering =
  (text = own, service = '{model}-{version}') =>
  (desired = wish({ candidate: v12, percent: 5 })) =>
    createGatewayManifest({ kind: 'gateway-api', manifest: file, service }, 'careful').render([{ file, text }], desired, null)[0]?.text ??
    '';

describe('an HTTPRoute', () => {
  it('gets a second backend like the first, and no other rule changes', () => {
    expect(changedLines(own, rendering()())).toEqual([
      '+       weight: 95',
      '+     - name: churn-v12',
      '+       port: 80',
      '+       filters:',
      '+       - type: RequestHeaderModifier',
      '+         requestHeaderModifier:',
      '+           set:',
      '+           - name: x',
      '+             value: y',
      '+       weight: 5',
    ]);
  });

  it('has one backend and no weight without a candidate', () => {
    expect(rendering()(wish())).toBe(own);
    expect(changedLines(own, rendering()(wish({ stable: v12 })))).toEqual(
      ['- ', '+ '].map((side) => `${side}    - name: churn-v${side === '- ' ? 11 : 12}   # of Weighin`),
    );
  });

  it('leaves nothing of earlier candidates, weights by hand among them', () => {
    const left = own.replace(
      '    - name: churn-v11   # of Weighin\n      port: 80\n',
      '    - {name: churn-v9, port: 80, weight: 3}\n    - name: churn-v11\n      port: 80\n      weight: 0\n    - name: churn-v10\n      port: 80\n      weight: 100\n',
    );
    const split = rendering(left)();
    expect(split).not.toMatch(/churn-v(?:9|10)/);
    expect(split.match(/weight: \d+/g)).toEqual(['weight: 95', 'weight: 5']);
    const alone = rendering(left)(wish());
    expect(alone).not.toMatch(/churn-v(?:9|10|12)/);
    expect(alone.match(/weight: \d+/g)).toEqual(['weight: 1']);
  });

  it('weighs parts of a percent in whole numbers', () => {
    const weights = (percent: number) => rendering()(wish({ candidate: v12, percent })).match(/weight: \d+/g);
    expect(weights(0.5)).toEqual(['weight: 995', 'weight: 5']);
    expect(weights(33.33)).toEqual(['weight: 6667', 'weight: 3333']);
    expect(weights(0)).toEqual(['weight: 100', 'weight: 0']);
  });

  it('mirrors beside a stable that is alone, and ends it', () => {
    const mirrored = rendering()(wish({ candidate: v12, mirror: true }));
    expect(mirrored).toContain('requestMirror');
    expect(mirrored).not.toContain('weight');
    expect(rendering(mirrored)(wish())).toBe(own);
    const other = own.replace(
      '    backendRefs:\n    - name: churn',
      '    filters:\n    - type: URLRewrite\n      urlRewrite: {hostname: a.example}\n    backendRefs:\n    - name: churn',
    );
    const both = rendering(other)(wish({ candidate: v12, mirror: true }));
    expect(both).toContain('URLRewrite');
    const next = rendering(both)(wish({ candidate: v13, mirror: true }));
    expect([next.includes('churn-v12'), next.includes('churn-v13')]).toEqual([false, true]);
    expect(rendering(both)(wish())).toBe(other);
  });

  it('takes every rule that routes to the model, in brackets too', () => {
    const two = own.replace('    - name: docs\n      port: 8080\n', '    - {name: churn-v11, port: 80}\n');
    expect(rendering(two)()).toContain('    - {name: churn-v11, port: 80, weight: 95}\n');
    expect(rendering(two)().match(/churn-v12/g)).toHaveLength(2);
  });

  it('says what is missing, and where', () => {
    expect(refusal(() => rendering(own.replace('churn-v11', 'churn'))())).toMatchObject({
      code: 'MANIFEST_NO_PLACE',
      location: { file, line: 7 },
    });
    const stranger = own.replace('    - name: churn-v11', '    - name: other\n      port: 1\n    - name: churn-v11');
    expect(refusal(() => rendering(stranger)())).toMatchObject({ code: 'MANIFEST_SEVERAL', location: { file, line: 12 } });
    expect(refusal(() => rendering(own, 'churn')()).code).toBe('SERVICE_WITHOUT_VERSION');
    // No pattern of the name is a pattern.
    expect(refusal(() => rendering(own.replace('churn-v11', 'churnxv11'), '{model}.{version}')()).code).toBe('MANIFEST_NO_PLACE');
  });
});
