import type { Socket } from 'node:net';

/** Answers what is no HTTP at all, too slow, or too large a header; the connection ends with it. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title, code] = answers[error.code ?? ''] ?? [400, 'Bad Request', 'request.malformed'];
  const body = JSON.stringify({
    type: `urn:trellis:problem:${code}`,
    title,
    status,
    code,
    detail: 'The request could not be read.',
  });
  socket.write(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  );
  // Not merely ended: whoever does not read must not keep the line.
  socket.destroySoon();
}

const answers: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request.timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'request.headers_too_large'],
};
