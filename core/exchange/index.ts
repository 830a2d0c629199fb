/**
 * Data in and out of the workspace: imports of CSV, XLSX and JSON files, exports, and the links that imports leave open.
 * It never writes a record but through records/, and never holds a transaction while a client reads or sends.
 * Invariants: a chunk's rows, their traces and the position move in one transaction, so that a crash leaves it before or
 * after; an export comes back by import without changing anything; an upload is kept until 30 days after its import ended.
 */
export { EXCHANGE } from './types.js';
export type {
  ColumnMapping,
  Exchange,
  ExportFormat,
  ExportInput,
  ExportStream,
  ImportMode,
  ImportOptions,
  ImportProblem,
  ImportState,
  ImportStatus,
  PreviewRow,
} from './types.js';
export type { ExchangeDeps } from './deps.js';
export { createExchange } from './exchange.js';
export { csvLine } from './write/csv-line.js';
export { ExchangeModule } from './exchange.module.js';
