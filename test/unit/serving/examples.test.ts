import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const examples = join(import.meta.dirname, '../../../examples');
const read = (file: string) => readFileSync(join(examples, file), 'utf8');

describe('the Kubernetes example', () => {
  it('has the replicas, resources, probes, ports and scaling of the notes', () => {
    const [deployment, service, scaler] = parseAllDocuments(read('serving-kubernetes/churn.yaml')).map((document) => document.toJS());
    const { template, replicas } = deployment.spec;
    const [container] = template.spec.containers;
    expect(replicas).toBe(3);
    expect(container.resources).toEqual({ requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2000m', memory: '4Gi' } });
    expect(container.livenessProbe).toEqual({ httpGet: { path: '/health', port: 'http' }, initialDelaySeconds: 30, periodSeconds: 10 });
    expect(container.readinessProbe).toMatchObject({ initialDelaySeconds: 10, periodSeconds: 5 });
    expect(container.ports).toEqual([{ name: 'http', containerPort: 8000 }]);
    expect(service.spec).toMatchObject({
      type: 'LoadBalancer',
      ports: [{ port: 80, targetPort: 'http' }],
      selector: template.metadata.labels.app && { app: 'churn' },
    });
    expect(scaler.spec).toMatchObject({ minReplicas: 3, maxReplicas: 20 });
    expect(scaler.spec.metrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      { type: 'Pods', pods: { metric: { name: 'http_requests_per_second' }, target: { type: 'AverageValue', averageValue: '1000' } } },
    ]);
    // One place says the version to the server, one to people.
    expect([container.env, container.args[1]]).toEqual([[{ name: 'MODEL_URI', value: 'churn@v12' }], '$(MODEL_URI)']);
    expect([template.metadata.labels.version, container.image.split(':')[1]]).toEqual(['v12', 'v12']);
    // The server listens where the probes ask, and drains within the time that it is given.
    const flag = (name: string) => Number(container.args[container.args.indexOf(name) + 1]);
    expect(flag('--port')).toBe(8000);
    expect(flag('--drain') + flag('--grace')).toBeLessThan(template.spec.terminationGracePeriodSeconds * 1000);
    expect(template.spec.securityContext.runAsNonRoot).toBe(true);
  });
});

describe('the Dockerfiles', () => {
  it.each(['serving-fastapi/Dockerfile', 'serving-kubernetes/Dockerfile'])(
    '%s runs as nobody special, says its port and whether it is well',
    (file) => {
      const lines = read(file).split('\n');
      const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
      expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).not.toMatch(/root|\b0\b/);
      expect(at('USER ')).toBeLessThan(Math.max(at('CMD '), at('ENTRYPOINT ')));
      expect(at('EXPOSE 8000')).toBeGreaterThan(0);
      expect(lines.find((line) => line.startsWith('HEALTHCHECK'))).toContain(':8000/health');
    },
  );

  it('of FastAPI installs the requirements before it copies what changes more often', () => {
    const text = read('serving-fastapi/Dockerfile');
    const places = ['COPY requirements.txt', 'RUN pip install --no-cache-dir -r requirements.txt', 'COPY app.py', '"--workers", "4"'].map(
      (part) => text.indexOf(part),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});
