import { readFileSync, writeFileSync } from 'node:fs';
import { openDuckDB } from '../shared/adapters/duckdb/open-duckdb.ts';
import { openSession } from '../shared/adapters/onnxruntime/open-session.ts';
import { graphField, modelField, nodeField } from '../shared/onnx/field-numbers.ts';
import { contentOf, readFields } from '../shared/onnx/read-fields.ts';
import { readModel } from '../shared/onnx/read-model.ts';
import { writeBytes, writeInteger, writeMessage, writeTensorInfo, writeText } from '../shared/onnx/write-fields.ts';
import { literal } from '../shared/query/sql-text.ts';
import { openOnnxScorer } from '../shared/scoring/open-onnx-scorer.ts';
import { scoreRows, selectInputs, sliceRows } from '../shared/scoring/score-rows.ts';

/**
 * `score MODEL.onnx FILE.parquet`: one run, measured as the Python script measures its own: batches of 65,536 from columns in memory.
 * `columns MODEL.onnx OUT.onnx a,b,c`: the same model with one input a column, which is what the Python script feeds.
 */
const [mode, model = '', file = '', names = ''] = process.argv.slice(2);
if (mode === 'columns') writeFileSync(file, perColumn(readFileSync(model), names.split(',')));
else console.log(JSON.stringify(await measure()));

async function measure() {
  const engine = await openDuckDB();
  const relation = `read_parquet(${literal(file)})`;
  const scorer = await openOnnxScorer(readFileSync(model), { openSession }, { task: 'binary' });
  const table = await engine.columns(await selectInputs(engine, relation, scorer.inputs));
  const batch = 65_536;
  const start = performance.now();
  for (let from = 0; from < table.rowCount; from += batch) {
    await scorer.score(sliceRows(table, from, Math.min(from + batch, table.rowCount)));
  }
  const inMemory = (performance.now() - start) / 1000;
  const again = performance.now();
  await scoreRows(engine, relation, scorer);
  const fromFile = (performance.now() - again) / 1000;
  await engine.close();
  return { rows: table.rowCount, s: inMemory, fromFile };
}

function perColumn(bytes: Uint8Array, columns: readonly string[]): Uint8Array {
  const joined = readModel(bytes).inputs[0]?.name ?? '';
  const fields = readFields(bytes);
  const graph = writeMessage((writer) => {
    const concat = writeMessage((node) => {
      for (const name of columns) writeText(node, nodeField.input, name);
      writeText(node, nodeField.output, joined);
      writeText(node, nodeField.opType, 'Concat');
      const axis = writeMessage((attribute) => {
        writeText(attribute, 1, 'axis');
        writeInteger(attribute, 3, 1);
        writeInteger(attribute, 20, 2);
      });
      writeBytes(node, nodeField.attribute, axis);
    });
    writeBytes(writer, graphField.node, concat);
    for (const field of readFields(contentOf(fields, modelField.graph) ?? new Uint8Array())) {
      if (field.no !== graphField.input) writer.raw(field.raw);
    }
    for (const name of columns) writeBytes(writer, graphField.input, writeTensorInfo(name, 'float', [null, 1]));
  });
  return writeMessage((writer) => {
    for (const field of fields) {
      if (field.no === modelField.graph) writeBytes(writer, field.no, graph);
      else writer.raw(field.raw);
    }
  });
}
