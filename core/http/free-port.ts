import { createServer } from 'node:net';
import { conflict, invalid } from '../base/errors.js';

/**
 * Finds out whether one can listen at a port before anything else is begun: a database takes seconds to start. Port 0 is any
 * free one. Throws config.port_in_use, config.port_denied; whatever else is wrong is said by the real listening.
 */
export async function mustBeFree({ port, host }: { readonly port: number; readonly host: string }): Promise<void> {
  if (port === 0) return;
  const problem = await new Promise<NodeJS.ErrnoException | null>((done) => {
    const probe = createServer();
    probe.once('error', done);
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => done(null)));
  });
  const refusal = problem && portProblem(problem, port);
  if (refusal) throw refusal;
}

/** What keeps one from listening at a port, in one line for the operator; null where it is something else. */
export function portProblem(problem: NodeJS.ErrnoException, port: number): Error | null {
  if (problem.code === 'EADDRINUSE')
    return conflict('config.port_in_use', `Another program listens on port ${port}.`, {
      hint: `Stop it, or choose another port: PORT=${port < 65_535 ? port + 1 : port - 1}.`,
    });
  if (problem.code === 'EACCES')
    return invalid('config.port_denied', `This user may not listen on port ${port}.`, {
      hint: 'Choose one above 1023: PORT=3000.',
    });
  return null;
}
